# bash completion of kubectl-memcached_backup.
# For this shell:          source <(kubectl-memcached_backup completion bash)
# For every one, if bash-completion is installed:
#   kubectl-memcached_backup completion bash > ~/.local/share/bash-completion/completions/kubectl-memcached_backup
# For every one, if it is not: put the first line into ~/.bashrc.
# Of "kubectl memcached-backup": kubectl-memcached_backup completion install

__memcached_backup_complete() {
    local rest="${COMP_LINE:0:COMP_POINT}" typed="$2" words word i
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        if [[ $i -eq 0 || "$rest" == [[:space:]]* ]]; then
            rest="${rest#"${rest%%[![:space:]]*}"}"
            words+=("")
        fi
        [[ $i -lt $COMP_CWORD ]] || word="$rest"
        words[${#words[@]}-1]+="$word"
        rest="${rest#"$word"}"
    done
    local current="${words[${#words[@]}-1]}" before
    # Bash tells a word that it cut itself as empty.
    [[ "$current" == *"$typed" ]] || typed=""
    before="${current%"$typed"}"
    # What stands before "=" is no part of a value.
    [[ "$current" != --*=* ]] || before="${before#*=}"
    for ((i = 1; i < ${#words[@]}; i++)); do
        word="${words[i]//[\"\'\\]/}"
        [[ "$word" != "~/"* ]] || word="$HOME/${word#"~/"}"
        words[i]="$word"
    done

    local line value directive=0 values lines
    values=() lines=()
    while IFS= read -r line; do
        case "$line" in
        :*) directive="${line#:}" ;;
        ?*) lines+=("$line") values+=("${line%%$'\t'*}") ;;
        esac
    done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)

    COMPREPLY=()
    if [[ ${#values[@]} -eq 0 && $((directive & 4)) -eq 0 ]]; then
        local how=-f
        [[ $((directive & 16)) -eq 0 ]] || how=-d
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$how" -- "$typed")
        return
    fi
    [[ $((directive & 32)) -eq 0 ]] || compopt -o nosort 2>/dev/null
    for ((i = 0; i < ${#values[@]}; i++)); do
        value="${values[i]#"$before"}"
        line="${lines[i]#*$'\t'}"
        # Where they are listed, not filled in (COMP_TYPE: 9 is Tab, 63 the second one).
        if [[ ${#values[@]} -gt 1 && "$line" != "${lines[i]}" && ( $COMP_TYPE -eq 9 || $COMP_TYPE -eq 63 ) ]]; then
            printf -v line '%s  (%s)' "$value" "$line"
            value="${line:0:${COLUMNS:-80}}"
        fi
        COMPREPLY+=("$value")
    done
}
complete -F __memcached_backup_complete kubectl-memcached_backup
