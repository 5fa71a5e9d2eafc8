# Data set to features, the distance and kernel matrices that folds share, and a fold's kernel in parts.
ruleorder: kernels_gpu > kernels
ruleorder: part_gpu > part


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


use rule kernels as kernels_gpu with:
    wildcard_constraints:
        model=needs.gpu_models(),
    conda:
        "../../envs/cuda.yaml"
    resources:
        mem_mb=needs.kernels_memory,
        runtime=needs.runtime,
        gpu=1,


rule prepare_parts:
    input:
        dataset=tree.DATASET,
        feature=tree.FEATURE,
        code=plan.model_code("prepare_parts"),
    output:
        tree.PREPARED,
    log:
        tree.log("parts/{feature}.{model}.fold{fold}"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=needs.kernels_memory,
        runtime=needs.runtime,
    params:
        settings=plan.parts_settings,
    shell:
        "python -m qm7bench prepare_parts --dataset {input.dataset} --feature {input.feature}"
        " --feature-name {wildcards.feature} --model {wildcards.model}"
        " --settings {params.settings:q} --fold {wildcards.fold} --output {output} > {log} 2>&1"


rule part:
    input:
        prepared=tree.PREPARED,
        code=plan.model_code("part"),
    output:
        tree.PART,
    log:
        tree.log("parts/{feature}.{model}.fold{fold}.part{number}of{parts}"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=needs.part_memory,
        runtime=needs.runtime,
    shell:
        "python -m qm7bench part {input.prepared} --number {wildcards.number}"
        " --parts {wildcards.parts} --output {output} > {log} 2>&1"


use rule part as part_gpu with:
    wildcard_constraints:
        model=needs.gpu_models(),
    conda:
        "../../envs/cuda.yaml"
    resources:
        mem_mb=needs.part_memory,
        runtime=needs.runtime,
        gpu=1,
