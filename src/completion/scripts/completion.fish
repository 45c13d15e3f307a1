# fish completion of kubectl-memcached_backup.
# For this shell:  kubectl-memcached_backup completion fish | source
# For every one:
#   kubectl-memcached_backup completion fish > ~/.config/fish/completions/kubectl-memcached_backup.fish
# Of "kubectl memcached-backup": kubectl-memcached_backup completion install

function __memcached_backup_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # fish takes a flag and its value for one word.
    set -l before (string match -r -- '^--[^=]+=' $current)
    set -l directive 0
    set -l found
    for line in ($words[1] __complete $words[2..-1] $current 2>/dev/null)
        if string match -q -- ':*' $line
            set directive (string sub -s 2 -- $line)
        else if test -n "$line"
            set -a found "$before$line"
        end
    end
    if test (count $found) -eq 0
        if test (math "bitand($directive, 16)") -ne 0
            __fish_complete_directories $current
        else if test (math "bitand($directive, 4)") -eq 0
            __fish_complete_path $current
        end
        return
    end
    printf '%s\n' $found
end

complete -c kubectl-memcached_backup -e
complete -c kubectl-memcached_backup -f -k -a '(__memcached_backup_complete)'
