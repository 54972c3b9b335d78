#compdef signalbox
# zsh completion for signalbox. Put it as _signalbox into a folder of $fpath.

_signalbox()
{
    local -a lines plain described
    local line value
    lines=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $lines; do
        case $line in
        "") continue ;;
        :files) [[ $PREFIX == --*=* ]] && compset -P '*='; _files; return ;;
        :folders) [[ $PREFIX == --*=* ]] && compset -P '*='; _path_files -/; return ;;
        esac
        value=${line%%$'\t'*}
        if [[ $line == *$'\t'* ]]; then
            described+=("${value//:/\\:}:${line#*$'\t'}")
        else
            plain+=("$value")
        fi
    done
    (( $#described )) && _describe signalbox described
    (( $#plain )) && compadd -a plain
}

if [ "$funcstack[1]" = "_signalbox" ]; then
    _signalbox "$@"
else
    compdef _signalbox signalbox
fi
