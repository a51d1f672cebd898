"""What is known of programs that run code given to them, or start other programs."""

from dataclasses import dataclass, field

from shared.templating.options import Options
from shared.templating.syntax import Word


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Wrapper:
    """A program that starts the program named by its arguments, after `operands` of its own.

    `clears` names the flags with which the environment does not travel on (`*`: always, unless one in `keeps`).
    """

    options: Options = field(default_factory=Options)
    operands: int = 0
    assignments: bool = False
    clears: frozenset[str] = frozenset()
    keeps: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Interpreter:
    """A program that runs code: from an option, from the operands in `operands`, or else from its input.

    `how` tells an author how that code gets at a value, with `{variable}` for the variable's name.
    """

    options: Options
    how: str
    operands: tuple[int, int | None] = (0, 1)
    reads_input: bool = True

    def code_among(self, operands: list[Word]) -> list[Word]:
        """The operands that are code, or a file of it, where no option gives the code."""
        return operands[slice(*self.operands)]


SHELLS = _words("sh bash dash ash ksh ksh93 mksh zsh yash rbash posh")
FOREIGN_SHELLS = _words("csh tcsh fish pwsh nu xonsh")
SHELL_OPTIONS = Options(detached="oO", words=_words("--rcfile --init-file"))

WRAPPERS = {
    "sudo": Wrapper(
        Options("ughpCcDRrtTU", words=_words("--user --group --host --prompt --chdir --role --type --other-user")),
        assignments=True,
        clears=_words("*"),
        keeps=_words("E --preserve-env"),
    ),
    "doas": Wrapper(Options("uC"), clears=_words("*")),
    "pkexec": Wrapper(Options(words=_words("--user")), clears=_words("*")),
    "systemd-run": Wrapper(
        Options("pMHuE", words=_words("--property --unit --uid --gid --setenv --description --slice --nice")),
        clears=_words("*"),
    ),
    "env": Wrapper(
        Options("uC", code="S", words=_words("--unset --chdir"), code_words=_words("--split-string")),
        assignments=True,
        clears=_words("i --ignore-environment"),
    ),
    "sshpass": Wrapper(Options("fdpP")),
    "timeout": Wrapper(Options("sk", words=_words("--signal --kill-after")), operands=1),
    "nice": Wrapper(Options("n", words=_words("--adjustment"))),
    "ionice": Wrapper(Options("cn", words=_words("--class --classdata"))),
    "stdbuf": Wrapper(Options("ioe", words=_words("--input --output --error"))),
    "time": Wrapper(Options("fo", words=_words("--format --output"))),
    "strace": Wrapper(Options("abeEIoOpPsSuX")),
    "chroot": Wrapper(operands=1),
    "taskset": Wrapper(operands=1),
    "chrt": Wrapper(operands=1),
    "unshare": Wrapper(Options("SGRw")),
    "nsenter": Wrapper(Options("tSG", words=_words("--target --setuid --setgid"))),
    "setpriv": Wrapper(clears=_words("--reset-env")),
    "xargs": Wrapper(
        Options("adEILnPs", attached="eil", words=_words("--arg-file --delimiter --max-args --max-procs --max-lines"))
    ),
    **dict.fromkeys(("nohup", "setsid", "builtin", "busybox", "toybox", "command", "fakeroot"), Wrapper()),
    "exec": Wrapper(Options("a")),
}

_PERL = Options("IC", code="eEMm", attached="iFxdD")
INTERPRETERS = {
    "python": Interpreter(Options("WX", code="c", last="cm"), 'os.environ["{variable}"]'),
    "perl": Interpreter(_PERL, "$ENV{{{variable}}}"),
    "ruby": Interpreter(Options("rIECK", code="e", attached="iFTWx"), 'ENV["{variable}"]'),
    "node": Interpreter(
        Options("rC", code="ep", words=_words("--require --import"), code_words=_words("--eval --print")),
        "process.env.{variable}",
    ),
    "php": Interpreter(Options("dczt", code="rBREfF", code_words=_words("--run")), 'getenv("{variable}")'),
    "lua": Interpreter(Options("l", code="e"), 'os.getenv("{variable}")'),
    "expect": Interpreter(Options("", code="cf", attached="d"), "$env({variable})"),
    "awk": Interpreter(
        Options(
            "vFilDo",
            code="feE",
            words=_words("--assign --field-separator --include --load"),
            code_words=_words("--file --source --exec"),
        ),
        'ENVIRON["{variable}"]',
        reads_input=False,
    ),
    "sed": Interpreter(
        Options("l", code="ef", attached="i", code_words=_words("--expression --file"), permuted=True),
        'awk and its ENVIRON["{variable}"]',
        reads_input=False,
    ),
    "jq": Interpreter(
        Options(
            "L",
            code="f",
            words=_words("--indent"),
            code_words=_words("--from-file"),
            pairs=_words("--arg --argjson --slurpfile --rawfile"),
            permuted=True,
        ),
        "$v, after --arg v {{{{ x }}}}",
        reads_input=False,
    ),
    "psql": Interpreter(
        Options(
            "dhpUvoFPRTL",
            code="cf",
            words=_words("--dbname --host --port --username --set --variable --output"),
            code_words=_words("--command --file"),
            permuted=True,
        ),
        "echo \"… :'v' …\" | psql -v v={{{{ x }}}}",
        (0, 0),
    ),
    "mysql": Interpreter(
        Options(
            "uhPDS",
            code="e",
            attached="p",
            words=_words("--user --host --port --database --socket"),
            code_words=_words("--execute"),
            permuted=True,
        ),
        "FROM_BASE64('$v'), after v=$(printf %s {{{{ x }}}} | base64 -w0)",
        (0, 0),
    ),
    "sqlite3": Interpreter(Options(permuted=True), 'sqlite3 -cmd ".parameter set"', (1, None)),
    "tar": Interpreter(
        Options(
            "fCTXb",
            code="IF",
            words=_words("--file --directory"),
            code_words=_words("--to-command --use-compress-program --checkpoint-action --rsh-command"),
            permuted=True,
        ),
        "a script that uses ${variable}",
        (0, 0),
        reads_input=False,
    ),
}
_ALIASES = {
    "python": "python2 python3 pypy pypy3",
    "node": "nodejs bun deno",
    "awk": "gawk mawk nawk original-awk",
    "mysql": "mariadb",
    "sed": "gsed ssed",
    "lua": "luajit",
    "php": "php-cli",
}
INTERPRETERS |= {alias: INTERPRETERS[name] for name, aliases in _ALIASES.items() for alias in aliases.split()}

ELSEWHERE = _words("docker podman nerdctl kubectl oc lxc incus crictl machinectl docker-compose vagrant")
"""These run a command where this machine's environment does not reach."""

READ_CODE = _words("at batch crontab parallel sftp ed ex")
"""These run what they read from their input."""

SSH_OPTIONS = Options(valued="bcDEeFIiJLlmOpQRSWw", code="o")
COPIERS = {
    "scp": Options("cFiJlPX", code="oSD", permuted=True),
    "sftp": Options("aBbcDFiJlPRsX", code="oS", permuted=True),
    "rsync": Options(
        "fTB@",
        code="e",
        words=_words("--exclude --include --port"),
        code_words=_words("--rsh --rsync-path"),
        permuted=True,
    ),
}
SUBSTITUTE_USER = {
    "su": Options("sgGwT", code="c", words=_words("--shell --group"), code_words=_words("--command"), permuted=True),
    "runuser": Options("sgGwuT", code="c", words=_words("--shell --user"), code_words=_words("--command")),
    "sg": Options(code="c"),
    "script": Options("EIOBTmo", code="c", words=_words("--log-out"), code_words=_words("--command"), permuted=True),
    "flock": Options("wE", code="c", words=_words("--timeout"), code_words=_words("--command"), permuted=True),
}
"""These hand the value of an option to a shell."""

SUBSCRIPT = "bash runs commands that it finds in the subscript of such a name"
_SHELL_WORDS = "it hands its arguments to a shell, which would run the value"
REFUSED_ARGUMENTS = {
    **dict.fromkeys(("read", "unset", "declare", "typeset", "mapfile", "readarray", "getopts"), SUBSCRIPT),
    **dict.fromkeys(("alias", "bind", "complete", "compgen", "enable", "fc"), "it would take the value for code"),
    **dict.fromkeys(("watch", "parallel"), _SHELL_WORDS),
}
"""No argument of these may hold a value, and why."""

HAND_TO_SHELL = _words("alias bind complete watch parallel")
"""A shell reads the arguments of these once more, so that the name of a variable is enough."""

DATA_ONLY = _words(
    "echo printf logger grep egrep fgrep pgrep pkill pidof killall which type hash cat ls useradd usermod adduser chsh"
)
"""The name of a shell among the arguments of these is only a word."""

CODE_VARIABLES = _words(
    "BASH_ENV PS0 PS1 PS2 PS4 PROMPT_COMMAND PAGER MANPAGER GIT_PAGER EDITOR VISUAL GIT_EDITOR GIT_SSH_COMMAND "
    "RSYNC_RSH LESSOPEN LESSCLOSE"
)
"""A value in these is run by a shell sooner or later."""
