# Relaxed molecules of a test fold, and what the fold's models predict for them; only made when asked for by name.


rule relax:
    input:
        dataset=tree.DATASET,
        code=code("qm7bench.commands.relax"),
    output:
        molecules=geometry_tree.RELAXED,
        relaxation=geometry_tree.RELAXATION,
    log:
        tree.log("beyond/relaxed"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(30),
    params:
        fold=geometry.fold,
        molecules=geometry.molecules,
        seed=geometry.seed,
    shell:
        "python -m qm7bench relax {input.dataset} --fold {params.fold}"
        " --molecules {params.molecules} --seed {params.seed} --output {output.molecules} > {log} 2>&1"


rule geometry:
    input:
        dataset=tree.DATASET,
        relaxed=geometry_tree.RELAXED,
        relaxation=geometry_tree.RELAXATION,
        fits=geometry.fits,
        code=geometry.code,
    output:
        multiext(geometry_tree.GEOMETRY, ".md", ".csv", ".parquet"),
        predictions=geometry_tree.OF_GEOMETRY.predictions,
        provenance=geometry_tree.OF_GEOMETRY.provenance,
    log:
        tree.log("beyond/geometry"),
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        models=tree.MODELS,
        rows=geometry.names,
        stem=lambda w, output: output[0].removesuffix(".md"),
    shell:
        "python -m qm7bench geometry --dataset {input.dataset} --relaxed {input.relaxed}"
        " --models {params.models} --rows {params.rows} --output {params.stem} > {log} 2>&1"
