# Features to fitted models: one table of grid points for each entry, then one fit for each fold.
ruleorder: select_gpu > select
ruleorder: fit_gpu > fit
ruleorder: inner_fit_gpu > inner_fit


rule select:
    input:
        dataset=tree.DATASET,
        feature=tree.FEATURE,
        distances=plan.distances,
        baseline=plan.baseline,
        code=plan.model_code("select"),
    output:
        table=tree.ENTRY.selection,
        inner=tree.ENTRY.inner,
        cost=tree.ENTRY.selection_cost,
    log:
        tree.log("models/{feature}.{model}.selection"),
    benchmark:
        tree.benchmark("{feature}.{model}.selection")
    group:
        lambda w: on_cluster(needs.group(w))
    conda:
        "../../envs/cpu.yaml"
    threads: needs.threads
    resources:
        mem_mb=needs.select_memory,
        runtime=needs.runtime,
    params:
        settings=plan.model_settings,
        baseline=baseline_option,
        folds=plan.model_folds,
    shell:
        "python -m qm7bench select --dataset {input.dataset} --feature {input.feature}"
        " --distances {input.distances} --settings {params.settings:q} {params.baseline}"
        " --folds {params.folds}"
        " --output {output.table} --inner {output.inner} --cost {output.cost} > {log} 2>&1"


use rule select as select_gpu with:
    wildcard_constraints:
        model=needs.gpu_models(),
    conda:
        "../../envs/cuda.yaml"
    resources:
        mem_mb=needs.select_memory,
        runtime=needs.runtime,
        gpu=1,


rule fit:
    input:
        dataset=tree.DATASET,
        feature=tree.FEATURE,
        distances=plan.distances,
        parts=plan.parts,
        baseline=plan.baseline,
        selection=plan.selection,
        pretrained=plan.pretrained,
        code=plan.model_code("fit"),
    output:
        predictions=tree.FIT.predictions,
        metrics=tree.FIT.metrics,
        model=tree.FIT.model,
        arrays=tree.FIT.arrays,
    log:
        tree.log("models/{feature}.{model}.fold{fold}"),
    benchmark:
        tree.benchmark("{feature}.{model}.fold{fold}")
    group:
        lambda w: on_cluster(needs.group(w))
    conda:
        "../../envs/cpu.yaml"
    threads: needs.threads
    resources:
        mem_mb=needs.fit_memory,
        runtime=needs.runtime,
    params:
        settings=plan.model_settings,
        folder=subpath(output.metrics, parent=True),
        selection=lambda w, input: (
            f"--selection {input.selection}" if input.selection else ""
        ),
        pretrained=pretrained_option,
        baseline=baseline_option,
    shell:
        "python -m qm7bench fit --dataset {input.dataset} --feature {input.feature}"
        " --feature-name {wildcards.feature} --distances {input.distances} --parts {input.parts}"
        " --model {wildcards.model} --settings {params.settings:q} {params.selection}"
        " {params.pretrained} {params.baseline} --fold {wildcards.fold} --output {params.folder} > {log} 2>&1"


use rule fit as fit_gpu with:
    wildcard_constraints:
        model=needs.gpu_models(),
    conda:
        "../../envs/cuda.yaml"
    resources:
        mem_mb=needs.fit_memory,
        runtime=needs.runtime,
        gpu=1,


# Without two folds: an ensemble that is tested on either learns its weights on the other.
rule inner_fit:
    input:
        dataset=tree.DATASET,
        feature=tree.FEATURE,
        distances=plan.distances,
        baseline=plan.baseline,
        pretrained=plan.pretrained,
        code=plan.model_code("fit"),
    output:
        inner=tree.INNER_FIT.inner,
        metrics=tree.INNER_FIT.metrics,
    log:
        tree.log("models/{feature}.{model}.without{first}{second}"),
    benchmark:
        tree.benchmark("{feature}.{model}.without{first}{second}")
    group:
        lambda w: on_cluster(needs.group(w))
    conda:
        "../../envs/cpu.yaml"
    threads: needs.threads
    resources:
        mem_mb=needs.fit_memory,
        runtime=needs.runtime,
    params:
        settings=plan.model_settings,
        folder=subpath(output.metrics, parent=True),
        pretrained=pretrained_option,
        baseline=baseline_option,
    shell:
        "python -m qm7bench fit --dataset {input.dataset} --feature {input.feature}"
        " --feature-name {wildcards.feature} --distances {input.distances}"
        " --model {wildcards.model} --settings {params.settings:q} {params.pretrained}"
        " {params.baseline} --fold {wildcards.first} --inner-fold {wildcards.second}"
        " --output {params.folder} > {log} 2>&1"


use rule inner_fit as inner_fit_gpu with:
    wildcard_constraints:
        model=needs.gpu_models(),
    conda:
        "../../envs/cuda.yaml"
    resources:
        mem_mb=needs.fit_memory,
        runtime=needs.runtime,
        gpu=1,


# Molecules of data/{molecules}.xyz; only made when its output is asked for by name.
rule predict:
    input:
        molecules="data/{molecules}.xyz",
        dataset=tree.DATASET,
        model=tree.FIT.model,
        fit=[tree.FIT.arrays, tree.FIT.metrics, tree.FIT.predictions],
        feature_code=plan.feature_code,
        code=plan.model_code("predict"),
    output:
        tree.PREDICTED,
    log:
        tree.log("predictions/{feature}.{model}.fold{fold}.{molecules}.{ending}"),
    wildcard_constraints:
        molecules=r"[^/]+",
        ending="csv|parquet|xyz",
    conda:
        "../../envs/cpu.yaml"
    threads: needs.threads
    resources:
        mem_mb=needs.fit_memory,
        runtime=needs.runtime,
    params:
        folder=subpath(input.model, parent=True),
    shell:
        "python -m qm7bench predict {input.molecules:q} --model {params.folder}"
        " --dataset {input.dataset} --output {output:q} > {log:q} 2>&1"
