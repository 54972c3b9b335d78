# fish completion for signalbox. Put it into ~/.config/fish/completions/signalbox.fish

function __signalbox_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    if contains -- ":files" $lines
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    else if contains -- ":folders" $lines
        __fish_complete_directories (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    else
        printf '%s\n' $lines
    end
end

complete -c signalbox -f -a '(__signalbox_complete)'
