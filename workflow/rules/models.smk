# Features to fitted models: one table of grid points for each row, then one fit for each fold.


rule select:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        feature="results/{dataset}/features/{feature}/metadata.json",
        distances=plan.distances,
        code=plan.model_code("select"),
    output:
        table="results/{dataset}/models/{feature}/{model}/selection.parquet",
        inner="results/{dataset}/models/{feature}/{model}/inner.parquet",
        cost="results/{dataset}/models/{feature}/{model}/selection.json",
    log:
        "results/{dataset}/logs/models/{feature}.{model}.selection.log",
    benchmark:
        "results/{dataset}/benchmarks/{feature}.{model}.selection.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: plan.resource("threads")
    resources:
        mem_mb=plan.resource("mem_mb"),
        runtime=plan.resource("runtime"),
    params:
        settings=plan.model_settings,
        folds=plan.folds(),
    shell:
        "python -m qm7bench select --dataset {input.dataset} --feature {input.feature}"
        " --distances {input.distances} --settings {params.settings:q} --folds {params.folds}"
        " --output {output.table} --inner {output.inner} --cost {output.cost} > {log} 2>&1"


rule fit:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        feature="results/{dataset}/features/{feature}/metadata.json",
        distances=plan.distances,
        selection=plan.selection,
        code=plan.model_code("fit"),
    output:
        predictions="results/{dataset}/models/{feature}/{model}/fold{fold}/predictions.parquet",
        metrics="results/{dataset}/models/{feature}/{model}/fold{fold}/metrics.json",
        model="results/{dataset}/models/{feature}/{model}/fold{fold}/model.json",
        arrays="results/{dataset}/models/{feature}/{model}/fold{fold}/model.npz",
    log:
        "results/{dataset}/logs/models/{feature}.{model}.fold{fold}.log",
    benchmark:
        "results/{dataset}/benchmarks/{feature}.{model}.fold{fold}.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: plan.resource("threads")
    resources:
        mem_mb=plan.resource("mem_mb"),
        runtime=plan.resource("runtime"),
    params:
        settings=plan.model_settings,
        folder=subpath(output.metrics, parent=True),
        selection=lambda w, input: (
            f"--selection {input.selection}" if input.selection else ""
        ),
    shell:
        "python -m qm7bench fit --dataset {input.dataset} --feature {input.feature}"
        " --feature-name {wildcards.feature} --distances {input.distances}"
        " --model {wildcards.model} --settings {params.settings:q} {params.selection}"
        " --fold {wildcards.fold} --output {params.folder} > {log} 2>&1"


# Without two folds: an ensemble that is tested on either learns its weights on the other.
rule inner_fit:
    input:
        dataset="results/{dataset}/dataset/metadata.json",
        feature="results/{dataset}/features/{feature}/metadata.json",
        distances=plan.distances,
        code=plan.model_code("fit"),
    output:
        inner="results/{dataset}/models/{feature}/{model}/without{first}{second}/inner.parquet",
        metrics="results/{dataset}/models/{feature}/{model}/without{first}{second}/metrics.json",
    log:
        "results/{dataset}/logs/models/{feature}.{model}.without{first}{second}.log",
    benchmark:
        "results/{dataset}/benchmarks/{feature}.{model}.without{first}{second}.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: plan.resource("threads")
    resources:
        mem_mb=plan.resource("mem_mb"),
        runtime=plan.resource("runtime"),
    params:
        settings=plan.model_settings,
        folder=subpath(output.metrics, parent=True),
    shell:
        "python -m qm7bench fit --dataset {input.dataset} --feature {input.feature}"
        " --feature-name {wildcards.feature} --distances {input.distances}"
        " --model {wildcards.model} --settings {params.settings:q}"
        " --fold {wildcards.first} --inner-fold {wildcards.second}"
        " --output {params.folder} > {log} 2>&1"
