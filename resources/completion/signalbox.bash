# bash completion for signalbox. Source it, or put it into ~/.local/share/bash-completion/completions/signalbox

_signalbox()
{
    local -a words=()
    local word line cur glue=""
    # Bash breaks words at = and : as well; put together what belongs together.
    local i
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $glue ]]; then
            words[-1]+=$word
            glue=""
            [[ $word == [=:] ]] && glue=1
        elif [[ $word == [=:]* && ${#words[@]} -gt 0 ]]; then
            words[-1]+=$word
            [[ $word == [=:] ]] && glue=1
        else
            words+=("$word")
        fi
    done
    [[ ${#words[@]} -eq 0 ]] && words=("")
    cur=${words[-1]}

    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        :files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "${cur##*=}"); return ;;
        :folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "${cur##*=}"); return ;;
        esac
        COMPREPLY+=("${line%%$'\t'*}")
    done < <("${COMP_WORDS[0]}" __complete -- "${words[@]}" 2>/dev/null)

    # Give back only what follows the last break, since that is what bash replaces.
    local kept=${cur%"${cur##*[=:]}"}
    if [[ -n $kept ]]; then
        for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]=${COMPREPLY[i]#"$kept"}
        done
    fi
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
}

complete -F _signalbox signalbox
