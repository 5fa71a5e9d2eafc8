# Molecules of another data set to the networks that fits begin with.
ruleorder: pretrain_gpu > pretrain


rule pretrain:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        feature="results/{dataset}/features/{feature}/metadata.json",
        code=plan.model_code("pretrain"),
    output:
        model="results/{dataset}/pretraining/{feature}/{model}/model.json",
        arrays="results/{dataset}/pretraining/{feature}/{model}/model.npz",
        history="results/{dataset}/pretraining/{feature}/{model}/history.parquet",
    log:
        "results/{dataset}/logs/pretraining/{feature}.{model}.log",
    benchmark:
        "results/{dataset}/benchmarks/pretraining.{feature}.{model}.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: plan.threads
    resources:
        mem_mb=plan.resource("mem_mb"),
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
        model=plan.gpu_models(),
    conda:
        "../../envs/cuda.yaml"
    resources:
        mem_mb=plan.resource("mem_mb"),
        runtime=growing(720),
        gpu=1,
