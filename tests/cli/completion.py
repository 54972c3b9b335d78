#!/usr/bin/env python3
"""Tab in bash, zsh and fish, each as it is installed for people (`signalbox help completion`), offers every command and
option that `signalbox help` names, and files where files are meant. bash and zsh run on a terminal of their own and get
the Tab key; fish answers `complete -C`, its own way of asking. A shell that is missing is a failure.

  completion.py SIGNALBOX
"""
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

PATIENCE = 30  # seconds; each step takes a few milliseconds
ESCAPES = re.compile(r"\x1b\[[0-9;?>=]*[A-Za-z]|\x1b[=>()][0-9A-B]?|\x1b\][^\x07]*\x07|[\x00-\x08\x0e-\x1f]")


class Terminal:
    """A shell with the keyboard. Two keys of its own make it tell when it is done and what stands in its line."""

    # What a shell writes when it reads keys again; empty: it always does. Keys that come earlier are the terminal's own,
    # for which Ctrl+D and Ctrl+U mean other things.
    READY = ""

    def __init__(self, command, setup, environment, folder):
        self.pending = b""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        # So large that no list is asked about or paged.
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 400, 200, 0, 0))
        self.send("".join(line + "\n" for line in setup) + "echo SET''UP\n")
        self.until("SETUP")
        self.until(self.READY)

    def send(self, text):
        os.write(self.fd, text.encode())

    def until(self, mark):
        seen = self.pending
        end = time.monotonic() + PATIENCE
        while mark.encode() not in seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {mark!r} within {PATIENCE} s, but {seen.decode(errors='replace')!r}")
            seen += os.read(self.fd, 65536)
        before, found, self.pending = seen.partition(mark.encode()) if mark else (b"", b"", seen)
        return ESCAPES.sub("", (before + found).decode(errors="replace"))

    def tab(self, line):
        """The words that Tab after `line` lists, and the line as it stands then."""
        self.send(line + "\t\x18\x04")
        shown = self.until("<<END>>")
        found = re.search(r"<<LINE:(.*?)>>", shown, re.S)
        self.until(self.READY)
        self.send("\x15")  # the line is empty again
        rows = shown[: found.start()].splitlines()
        return {word for row in rows if "signalbox" not in row for word in row.split()}, found.group(1).rstrip()

    def offers(self, line):
        return self.tab(line)[0]

    def becomes(self, line):
        return self.tab(line)[1]

    def close(self):
        os.close(self.fd)
        os.waitpid(self.child, 0)


class Bash(Terminal):
    READY = "<<AT>>"

    def __init__(self, environment, folder):
        super().__init__(
            ["bash", "--norc", "--noprofile", "-i"],
            [
                "PS1='<<''AT>> '",
                "bind 'set show-all-if-ambiguous on'",
                "bind 'set enable-bracketed-paste off'",
                "bind 'set page-completions off'",
                "bind 'set completion-query-items 10000'",
                """bind -x '"\\C-x\\C-d": printf "<<LINE:%s>><<END>>" "$READLINE_LINE"'""",
                "source <(signalbox completion bash)",
            ],
            environment,
            folder,
        )


class Zsh(Terminal):
    def __init__(self, environment, folder):
        functions = os.path.join(environment["HOME"], ".zfunc")
        os.makedirs(functions)
        with open(os.path.join(functions, "_signalbox"), "wb") as script:
            script.write(subprocess.check_output(["signalbox", "completion", "zsh"], env=environment))
        super().__init__(
            ["zsh", "-f", "-i"],
            [
                "PS1='> '",
                "unsetopt zle_bracketed_paste prompt_sp prompt_cr list_beep; unset zle_bracketed_paste",
                "fpath=(~/.zfunc $fpath); autoload -Uz compinit; compinit -u -D",
                "zstyle ':completion:*' verbose no",
                "LISTMAX=10000",
                "told() { print -rn -- \"<<LINE:$BUFFER>><<END>>\" }; zle -N told; bindkey '^X^D' told; bindkey '^U' kill-whole-line",
            ],
            environment,
            folder,
        )


class Fish:
    def __init__(self, environment, folder):
        self.environment = environment
        self.folder = folder
        target = os.path.join(environment["XDG_CONFIG_HOME"], "fish", "completions")
        os.makedirs(target)
        with open(os.path.join(target, "signalbox.fish"), "wb") as script:
            script.write(subprocess.check_output(["signalbox", "completion", "fish"], env=environment))

    def lines(self, line):
        asked = subprocess.run(
            ["fish", "--private", "-c", "complete -C $argv[1]", line],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
        if asked.returncode != 0 or asked.stderr:
            raise AssertionError(f"fish said {asked.returncode} {asked.stderr.decode()!r}")
        return [row.split("\t")[0] for row in asked.stdout.decode().splitlines()]

    def offers(self, line):
        return set(self.lines(line))

    def becomes(self, line):
        found = self.lines(line)
        # It quotes what it puts into the line, not what it tells.
        return line.rpartition(" ")[0] + " " + found[0].replace(" ", "\\ ") if len(found) == 1 else line

    def close(self):
        pass


def named_by_help(environment):
    """Commands, and the options of each ("" without one), as `signalbox help` prints them."""

    def text(*words):
        return subprocess.check_output(["signalbox", "help", *words], env=environment).decode()

    def options(page):
        return set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", page, re.M))

    overview = text()
    listed = overview[overview.index("\nCommands:") :].split("\n\n")[0]
    commands = re.findall(r"^  ([a-z-]+)", listed, re.M)
    found = {command: options(text(command)) for command in commands}
    found[""] = options(overview)
    return commands, found


def check(failures, what, wanted, got):
    if wanted != got:
        failures.append(f"{what}: wanted {wanted!r}, got {got!r}")


def check_shell(name, shell, commands, options):
    failures = []
    check(failures, f"{name}: signalbox <Tab>", set(commands), shell.offers("signalbox "))
    check(failures, f"{name}: signalbox help <Tab>", set(commands), shell.offers("signalbox help "))
    check(failures, f"{name}: signalbox completion <Tab>", {"bash", "zsh", "fish"}, shell.offers("signalbox completion "))
    for command, known in options.items():
        line = f"signalbox {command} --".replace("  ", " ")
        check(failures, f"{name}: {line}<Tab>", known, shell.offers(line))
    check(failures, f"{name}: one command", "signalbox rollback", shell.becomes("signalbox rollb"))
    check(failures, f"{name}: one option", "signalbox rollback --dry-run", shell.becomes("signalbox rollback --dr"))
    check(failures, f"{name}: drills", {"full-shift", "false-alarm"}, shell.offers("signalbox drill f"))
    check(failures, f"{name}: levels", "signalbox status --log-level debug", shell.becomes("signalbox status --log-level d"))
    # Files.
    check(failures, f"{name}: files", {"alpha.yaml", "alpine.yaml"}, shell.offers("signalbox status -w alp"))
    for option in ("--kubeconfig ", "--kubeconfig=", "-w "):
        line = f"signalbox status {option}un"
        check(failures, f"{name}: {line}<Tab>", line[:-2] + "unique.yaml", shell.becomes(line))
    check(failures, f"{name}: a file in a folder", "signalbox status -w pictures/inside.yaml", shell.becomes("signalbox status -w pictures/in"))
    check(failures, f"{name}: a blank in a name", "signalbox status -w my\\ file.yaml", shell.becomes("signalbox status -w my"))
    check(failures, f"{name}: folders only", "signalbox tour --out pictures/", shell.becomes("signalbox tour --out pic"))
    check(failures, f"{name}: no file where a folder is meant", "signalbox tour --out un", shell.becomes("signalbox tour --out un"))
    return failures


def main():
    program = os.path.abspath(sys.argv[1])
    missing = [name for name in ("bash", "zsh", "fish") if shutil.which(name) is None]
    if missing:
        sys.exit(f"{', '.join(missing)}: not installed, though its completion is to be tested (Debian's packages of that name)")
    with tempfile.TemporaryDirectory() as home:
        folder = os.path.join(home, "files")
        os.makedirs(os.path.join(folder, "pictures"))
        for name in ("alpha.yaml", "alpine.yaml", "unique.yaml", "my file.yaml", "pic.txt", "pictures/inside.yaml"):
            open(os.path.join(folder, name), "w").close()
        environment = {
            "PATH": os.path.dirname(program) + os.pathsep + os.environ["PATH"],
            "HOME": home,
            "XDG_CONFIG_HOME": os.path.join(home, "config"),
            "XDG_DATA_HOME": os.path.join(home, "data"),
            "SIGNALBOX_DATA": os.path.join(home, "signalbox"),
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
        }
        os.environ["PATH"] = environment["PATH"]
        commands, options = named_by_help(environment)
        if len(commands) < 10 or any(len(known) < 3 for known in options.values()):
            sys.exit(f"signalbox help is not understood: {options}")
        failures = []
        for name, kind in (("bash", Bash), ("zsh", Zsh), ("fish", Fish)):
            shell = kind(environment, folder)
            failures += check_shell(name, shell, commands, options)
            shell.close()
    print("\n".join(failures) or f"{len(commands)} commands and their options are offered by bash, zsh and fish")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
