# Molecules of another data set to the networks that fits begin with.
ruleorder: pretrain_gpu > pretrain


rule pretrain:
    input:
        dataset=tree.DATASET,
        feature=tree.FEATURE,
        code=plan.model_code("pretrain"),
    output:
        model=tree.PRETRAINING.model,
        arrays=tree.PRETRAINING.arrays,
        history=tree.PRETRAINING.history,
    log:
        tree.log("pretraining/{feature}.{model}"),
    benchmark:
        tree.benchmark("pretraining.{feature}.{model}")
    conda:
        "../../envs/cpu.yaml"
    threads: needs.threads
    resources:
        mem_mb=needs.fit_memory,
        runtime=growing(720),
    params:
        settings=plan.pretraining_settings,
        folder=subpath(output.model, parent=True),
    shell:
        "python -m qm7bench pretrain --dataset {input.dataset} --feature {input.feature}"
        " --feature-name {wildcards.feature} --model {wildcards.model}"
        " --settings {params.settings:q} --output {params.folder} > {log} 2>&1"


use rule pretrain as pretrain_gpu with:
    wildcard_constraints:
        model=needs.gpu_models(),
    conda:
        "../../envs/cuda.yaml"
    resources:
        mem_mb=needs.fit_memory,
        runtime=growing(720),
        gpu=1,
