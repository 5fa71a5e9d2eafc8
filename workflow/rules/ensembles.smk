# Fitted models to ensembles of them: one more row, whose inputs are other rows.


rule combine:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        members=plan.members,
        code=code("qm7bench.commands.combine"),
    output:
        predictions="results/{dataset}/models/ensemble/{ensemble}/fold{fold}/predictions.parquet",
        metrics="results/{dataset}/models/ensemble/{ensemble}/fold{fold}/metrics.json",
        model="results/{dataset}/models/ensemble/{ensemble}/fold{fold}/model.json",
        arrays="results/{dataset}/models/ensemble/{ensemble}/fold{fold}/model.npz",
    log:
        "results/{dataset}/logs/models/ensemble.{ensemble}.fold{fold}.log",
    benchmark:
        "results/{dataset}/benchmarks/ensemble.{ensemble}.fold{fold}.tsv"
    group:
        lambda w: None if workflow.local_exec else "combinations"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        combination=plan.combination,
        folds=plan.folds(),
        folder=subpath(output.metrics, parent=True),
    shell:
        "python -m qm7bench combine --dataset {input.dataset}"
        " --models results/{wildcards.dataset}/models --name {wildcards.ensemble}"
        " {params.combination} --fold {wildcards.fold} --folds {params.folds}"
        " --output {params.folder} > {log} 2>&1"
