# Data set to features, and the distance and kernel matrices that folds share.


rule feature:
    input:
        dataset=tree.DATASET,
        code=plan.feature_code,
    output:
        tree.FEATURE,
    log:
        tree.log("features/{feature}"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=needs.feature_memory,
        runtime=growing(30),
    params:
        settings=plan.feature_settings,
    shell:
        "python -m qm7bench feature {input.dataset} --name {wildcards.feature}"
        " --settings {params.settings:q} --output {output} > {log} 2>&1"


rule distances:
    input:
        feature=tree.FEATURE,
        code=code("qm7bench.commands.distances"),
    output:
        tree.DISTANCES,
    log:
        tree.log("distances/{feature}.{metric}"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=needs.distances_memory,
        runtime=growing(30),
    shell:
        "python -m qm7bench distances {input.feature} --metric {wildcards.metric}"
        " --output {output} > {log} 2>&1"


rule kernels:
    input:
        dataset=tree.DATASET,
        feature=tree.FEATURE,
        baseline=plan.baseline,
        code=plan.model_code("kernels"),
    output:
        tree.KERNELS,
    log:
        tree.log("kernels/{feature}.{model}"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=needs.kernels_memory,
        runtime=needs.runtime,
    params:
        settings=plan.kernel_settings,
        baseline=baseline_option,
    shell:
        "python -m qm7bench kernels {input.feature} --dataset {input.dataset} {params.baseline}"
        " --settings {params.settings:q} --output {output} > {log} 2>&1"
