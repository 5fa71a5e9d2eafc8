#!/usr/bin/env bash
# A Slurm of one node on the loopback: two CPUs, one fake GPU, the partitions `cpu` and `gpu`.
#   one_node_cluster.sh install        Debian's packages, where they are missing
#   one_node_cluster.sh start FOLDER   configuration, state and logs go to FOLDER
#   one_node_cluster.sh stop FOLDER
# Exit status 3: this machine does not allow it, or has a Slurm of its own, which is left alone.
set -euo pipefail
daemons=(slurmd slurmctld munged)
files=(slurm.conf gres.conf cgroup.conf)

fail() {
    echo "$1" >&2
    exit 1
}

cannot() {
    echo "$1" >&2
    exit 3
}

install_packages() {
    command -v slurmctld slurmd squeue munged > /dev/null && return
    command -v apt-get > /dev/null || cannot "Slurm is not installed, and this is no Debian to install it on"
    export DEBIAN_FRONTEND=noninteractive
    # Daemons must not start by themselves; the policy is taken away again.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get update -qq &&
        apt-get install -y -qq --no-install-recommends slurmctld slurmd slurm-client munge ||
        cannot "Debian's packages of Slurm could not be installed"
}

write_configuration() {
    cat > "$folder/slurm.conf" <<END
ClusterName=onenode
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.sock
CryptoType=crypto/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
# Finished jobs stay visible to scontrol, as there is no accounting.
MinJobAge=7200
GresTypes=gpu
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000 Gres=gpu:fake:1 State=UNKNOWN
PartitionName=cpu Nodes=$node Default=YES MaxTime=600 State=UP
PartitionName=gpu Nodes=$node MaxTime=600 State=UP
END
    # Without a character device, Slurm sets no CUDA_VISIBLE_DEVICES.
    [ -e "$folder/gpu0" ] || mknod "$folder/gpu0" c 1 3 || cannot "no device files can be made"
    echo "Name=gpu Type=fake File=$folder/gpu0" > "$folder/gres.conf"
    echo "CgroupPlugin=cgroup/v1" > "$folder/cgroup.conf"
    # In the default place too: Snakemake's plugin takes SLURM_CONF out of the jobs' environment.
    mkdir -p /etc/slurm
    for file in "${files[@]}"; do
        ln -sf "$folder/$file" "/etc/slurm/$file"
    done
}

start() {
    for file in "${files[@]}"; do
        [ ! -e "/etc/slurm/$file" ] || cannot "/etc/slurm/$file: this machine has a Slurm already"
    done
    mkdir -p "$folder"/{state,spool,log}
    chmod 755 "$folder"
    head -c 1024 /dev/urandom > "$folder/munge.key"
    chmod 400 "$folder/munge.key"
    write_configuration
    munged --force --key-file="$folder/munge.key" --socket="$folder/munge.sock" \
        --pid-file="$folder/munged.pid" --log-file="$folder/log/munged.log" \
        --seed-file="$folder/munge.seed"
    slurmctld
    slurmd
    for _ in $(seq 40); do
        # Slurm's commands wait minutes for a controller that is not there.
        timeout 2 sinfo --noheader --format=%T 2> /dev/null | grep -q idle && return
        sleep 0.5
    done
    tail -n 5 "$folder"/log/*.log >&2
    fail "the node did not come up"
}

stop() {
    timeout 5 scancel --user=root 2> /dev/null || true
    for _ in $(seq 40); do
        # Without slurmd, nobody would end the jobs' processes.
        [ -n "$(timeout 2 squeue --noheader 2> /dev/null)" ] || break
        sleep 0.5
    done
    for daemon in "${daemons[@]}"; do
        [ -f "$folder/$daemon.pid" ] || continue
        pid=$(cat "$folder/$daemon.pid")
        kill "$pid" 2> /dev/null || true
        for _ in $(seq 40); do
            kill -0 "$pid" 2> /dev/null || break
            sleep 0.25
        done
    done
    for file in "${files[@]}"; do
        [ "$(readlink "/etc/slurm/$file")" != "$folder/$file" ] || rm "/etc/slurm/$file"
    done
}

[ "$(id -u)" = 0 ] || cannot "a Slurm is started by root only"
node=$(hostname -s)
case "${1:-}" in
install) install_packages ;;
start | stop)
    folder=$(realpath "$2")
    "$1"
    ;;
*) fail "usage: one_node_cluster.sh install | start FOLDER | stop FOLDER" ;;
esac
