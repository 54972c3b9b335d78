# fish completion for signalbox. Put it into ~/.config/fish/completions/signalbox.fish

function __signalbox_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    # What is completed is the whole word, --option= included.
    set -l option (string match -r '^--[^=]*=' -- (commandline -ct))
    set -l value (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    if contains -- ":files" $lines
        for path in (__fish_complete_path $value)
            printf '%s\n' "$option$path"
        end
    else if contains -- ":folders" $lines
        for path in (__fish_complete_directories $value)
            printf '%s\n' "$option$path"
        end
    else
        printf '%s\n' $lines
    end
end

complete -c signalbox -f -a '(__signalbox_complete)'
