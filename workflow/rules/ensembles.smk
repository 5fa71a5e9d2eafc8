# Fitted models to ensembles: one more entry of the leaderboard, whose inputs are other entries.


rule combine:
    input:
        dataset=tree.DATASET,
        members=plan.members,
        code=code("qm7bench.commands.combine"),
    output:
        predictions=tree.COMBINATION.predictions,
        metrics=tree.COMBINATION.metrics,
        model=tree.COMBINATION.model,
        arrays=tree.COMBINATION.arrays,
    log:
        tree.log("models/ensemble.{ensemble}.fold{fold}"),
    benchmark:
        tree.benchmark("ensemble.{ensemble}.fold{fold}")
    group:
        lambda w: on_cluster("combinations")
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        models=tree.MODELS,
        combination=plan.combination,
        folds=plan.folds(),
        folder=subpath(output.metrics, parent=True),
    shell:
        "python -m qm7bench combine --dataset {input.dataset}"
        " --models {params.models} --name {wildcards.ensemble}"
        " {params.combination} --fold {wildcards.fold} --folds {params.folds}"
        " --output {params.folder} > {log} 2>&1"
