# Parts of the training molecules to points of learning curves, one job each, and these to a table.
ruleorder: curve_point_gpu > curve_point


rule curve_point:
    input:
        dataset=tree.DATASET,
        feature=tree.FEATURE,
        distances=plan.distances,
        baseline=plan.baseline,
        pretrained=plan.pretrained,
        code=plan.model_code("curve_point"),
    output:
        tree.CURVE_POINT,
    log:
        tree.log("learning_curves/{feature}.{model}.fold{fold}.size{size}.draw{draw}"),
    group:
        lambda w: on_cluster(needs.point_group(w))
    conda:
        "../../envs/cpu.yaml"
    threads: needs.threads
    resources:
        mem_mb=needs.point_memory,
        runtime=needs.point_runtime,
    params:
        settings=plan.model_settings,
        pretrained=pretrained_option,
        baseline=baseline_option,
        training=plan.network_training,
    shell:
        "python -m qm7bench curve_point --dataset {input.dataset} --feature {input.feature}"
        " --feature-name {wildcards.feature} --distances {input.distances}"
        " --model {wildcards.model} --settings {params.settings:q} {params.pretrained}"
        " {params.baseline} --fold {wildcards.fold} --size {wildcards.size} --draw {wildcards.draw}"
        " --network-training {params.training} --output {output} > {log} 2>&1"


use rule curve_point as curve_point_gpu with:
    wildcard_constraints:
        model=needs.gpu_models(),
    conda:
        "../../envs/cuda.yaml"
    resources:
        mem_mb=needs.point_memory,
        runtime=needs.point_runtime,
        gpu=1,


rule learning_curves:
    input:
        dataset=tree.DATASET,
        points=plan.curve_files,
        code=code("qm7bench.commands.curves"),
    output:
        multiext(tree.LEARNING_CURVES, ".md", ".parquet"),
        csv=report(
            f"{tree.LEARNING_CURVES}.csv",
            caption="../report/learning_curves.rst",
            category="Learning curves",
        ),
    log:
        tree.log("learning_curves"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        models=tree.MODELS,
        curves=plan.curves(),
        stem=lambda w, output: output[0].removesuffix(".md"),
    shell:
        "python -m qm7bench curves --dataset {input.dataset}"
        " --models {params.models} --curves {params.curves:q}"
        " --points {params.stem} --output {params.stem} > {log} 2>&1"
