#compdef kubectl-memcached_backup
# zsh completion of kubectl-memcached_backup.
# For this shell, after "autoload -U compinit; compinit":
#   source <(kubectl-memcached_backup completion zsh)
# For every one, into a folder of $fpath, before compinit in ~/.zshrc:
#   kubectl-memcached_backup completion zsh > "${fpath[1]}/_kubectl-memcached_backup"
# Of "kubectl memcached-backup": kubectl-memcached_backup completion install

_kubectl-memcached_backup() {
    local line value about directive=0 before=""
    local -a lines shown values order
    lines=("${(@f)$("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for line in "${lines[@]}"; do
        case "$line" in
        :*) directive="${line#:}" ;;
        ?*)
            value="${line%%$'\t'*}"
            values+=("$value")
            about="${line#*$'\t'}"
            [[ "$about" == "$line" ]] && shown+=("$value") || shown+=("${(r:24:)value} -- $about")
            ;;
        esac
    done
    # What stands before "=" is no part of a value.
    [[ "$PREFIX" == --*=* ]] && compset -P '--*='
    if (( ${#values} == 0 )); then
        (( directive & 16 )) && _files -/ && return
        (( directive & 4 )) || _files
        return
    fi
    (( directive & 32 )) && order=(-V memcached-backup)
    compadd "${order[@]}" -l -d shown -a values
}

# Sourced, or read by compinit from a folder of $fpath.
if [[ "${funcstack[1]}" == "_kubectl-memcached_backup" ]]; then
    _kubectl-memcached_backup "$@"
else
    compdef _kubectl-memcached_backup kubectl-memcached_backup
fi
