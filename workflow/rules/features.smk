# Data set to features, and the distance and kernel matrices that folds share.


rule feature:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        code=plan.feature_code,
    output:
        "results/{dataset}/features/{feature}/metadata.json",
    log:
        "results/{dataset}/logs/features/{feature}.log",
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        settings=plan.feature_settings,
    shell:
        "python -m qm7bench feature {input.dataset} --name {wildcards.feature}"
        " --settings {params.settings:q} --output {output} > {log} 2>&1"


rule distances:
    input:
        feature="results/{dataset}/features/{feature}/metadata.json",
        code=code("qm7bench.commands.distances"),
    output:
        "results/{dataset}/distances/{feature}/{metric}/metadata.json",
    log:
        "results/{dataset}/logs/distances/{feature}.{metric}.log",
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    shell:
        "python -m qm7bench distances {input.feature} --metric {wildcards.metric}"
        " --output {output} > {log} 2>&1"


rule kernels:
    input:
        feature="results/{dataset}/features/{feature}/metadata.json",
        code=plan.model_code("kernels"),
    output:
        "results/{dataset}/kernels/{feature}/{model}/metadata.json",
    log:
        "results/{dataset}/logs/kernels/{feature}.{model}.log",
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=plan.resource("mem_mb"),
        runtime=plan.resource("runtime"),
    params:
        settings=plan.model_settings,
    shell:
        "python -m qm7bench kernels {input.feature} --settings {params.settings:q}"
        " --output {output} > {log} 2>&1"
