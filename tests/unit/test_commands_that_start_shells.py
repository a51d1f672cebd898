"""Programs that start a shell without a command, or read what is run from a file or a variable, get no free value."""

import pytest

from catalog.domain.shell.analysis import CommandError, compile_command
from catalog.domain.shell.values import value_of
from shared.contracts.parameter import Parameter

FREE = value_of(Parameter(name="x"))
PLAIN = value_of(Parameter(name="x", pattern="[a-z]+", required=True))
IN_A_FOLDER = value_of(Parameter(name="x", pattern="/etc/kube/[a-z.]+", required=True))

SHELLS = [
    *("unshare", "unshare -r", "unshare --map-root-user", "unshare -m -p -f", "unshare --root /srv", "unshare -R /srv"),
    *("nsenter -t 1 -m", "nsenter --target 1 --mount", "nsenter -a -t 1 --"),
    *("script", "script /tmp/log", "script -q /dev/null", "script -a log"),
    *(
        "runuser -l web",
        "runuser - web",
        "runuser web",
        "runuser -u web sh",
        "runuser -u web -- sh",
        "runuser --user=web sh",
    ),
    *("newgrp", "newgrp docker", "newgrp - docker", "sg docker", "sg - docker", "login -f web"),
    *("capsh --", "capsh --user=web --", "capsh --drop=all --", "capsh --drop=all -- -s"),
    *(
        "chroot /srv",
        "setarch x86_64",
        "setarch -R sh",
        "linux32",
        "fakeroot",
        "fakeroot sh",
        "dbus-run-session",
        "firejail",
    ),
    *(
        "systemd-run --shell",
        "systemd-run -S",
        "systemd-nspawn -D /srv",
        "lxc-attach -n web",
        "schroot -c web",
        "pkexec",
    ),
    *("vim -S -", "vim -S /dev/stdin", "vim -u /dev/stdin", "vim -S x.vim f", "ex f", "gdb -x -"),
    *("irb", "ipython", "ghci", "iex", "lldb"),
]
"""What runs the values that it reads."""
COMMANDS = [
    *("unshare -r cat", "unshare --root /srv cat", "nsenter -t 1 -m cat", "script -c cat log", "script log cat"),
    *("runuser -u web cat", "runuser -u web -- cat", "runuser -l web -c cat", "sg docker -c cat", "sg docker cat"),
    *("capsh --drop=all -- -c cat", "chroot /srv cat", "setarch x86_64 cat", "linux32 cat", "fakeroot cat"),
    *("systemd-run --pipe cat", "lxc-attach -n web -- cat"),
]
"""What only hands them on to a program that prints them."""
CODE = [
    *(
        "CPP",
        "AR",
        "RANLIB",
        "CC",
        "CXX",
        "LD",
        "MAKE",
        "CONFIG_SHELL",
        "PKG_CONFIG",
        "RUSTC_WRAPPER",
        "CMAKE_C_COMPILER",
    ),
    *("GIT_SSH_COMMAND", "GIT_SSH", "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR", "GIT_CONFIG_COUNT", "GIT_DIR"),
    *("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "GTK_MODULES"),
    *(
        "PERL5OPT",
        "PERL5LIB",
        "PERL5DB",
        "RUBYOPT",
        "RUBYLIB",
        "NODE_OPTIONS",
        "NODE_PATH",
        "NODE_REPL_EXTERNAL_MODULE",
    ),
    *("PYTHONSTARTUP", "PYTHONPATH", "PYTHONHOME", "PYTHONBREAKPOINT", "PYTHONWARNINGS", "CLOUDSDK_PYTHON"),
    *("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "MAVEN_OPTS", "MAVEN_ARGS", "GOFLAGS", "RUSTFLAGS", "TF_CLI_ARGS_apply"),
    *("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", "CARGO_BUILD_RUSTC", "ANSIBLE_LIBRARY", "ANSIBLE_SSH_ARGS"),
    *("LESS", "LESSKEY_CONTENT", "LESSOPEN", "PAGER", "MANPAGER", "EDITOR", "KUBE_EDITOR", "KUBECTL_EXTERNAL_DIFF"),
    *("RSYNC_RSH", "RSYNC_CONNECT_PROG", "SSH_ASKPASS", "TAR_OPTIONS", "PROMPT_COMMAND", "BASH_ENV", "ENV"),
]
"""Variables that hold what is run."""
FILES = [
    *("KUBECONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "JAVA_HOME", "JRE_HOME", "CATALINA_HOME"),
    *("GRADLE_USER_HOME", "CARGO_HOME", "RUSTUP_HOME", "GOROOT", "GEM_HOME", "BUNDLE_GEMFILE", "PYTHONUSERBASE"),
    *("PHPRC", "R_LIBS_USER", "PERLLIB", "npm_config_userconfig", "NPM_CONFIG_USERCONFIG", "PIP_CONFIG_FILE"),
    *("DOCKER_CONFIG", "HELM_PLUGINS", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "TF_CLI_CONFIG_FILE"),
    *("CURL_HOME", "WGETRC", "GNUPGHOME", "SCREENRC", "VIMRUNTIME", "MYSQL_HOME", "APT_CONFIG"),
]
"""Variables that name a file or a folder which says what is run."""
DATA = [
    *(
        "TZ",
        "LANG",
        "TERM",
        "DEBIAN_FRONTEND",
        "PGPASSWORD",
        "PGHOST",
        "MYSQL_PWD",
        "DOCKER_HOST",
        "AWS_PROFILE",
        "TMPDIR",
    ),
    *(
        "AWS_REGION",
        "HTTP_PROXY",
        "NO_PROXY",
        "VAULT_ADDR",
        "TF_VAR_region",
        "NAME",
        "VERSION",
        "DATABASE_URL",
        "LOG_LEVEL",
    ),
]
"""Variables whose values stay data."""


def is_refused(template: str, value: object = FREE) -> bool:
    try:
        compile_command(template, {"x": value})  # type: ignore[dict-item]
    except CommandError:
        return True
    return False


@pytest.mark.parametrize("reader", SHELLS)
def test_a_value_on_the_input_of_what_starts_a_shell_is_refused(reader: str) -> None:
    assert is_refused(f"printf '%s' {{{{ x }}}} | {reader}")
    assert is_refused(f"{reader} <<E\n{{{{ x }}}}\nE")


@pytest.mark.parametrize("program", COMMANDS)
def test_a_value_on_the_input_of_a_command_within_it_is_taken(program: str) -> None:
    assert not is_refused(f"printf '%s' {{{{ x }}}} | {program}")


@pytest.mark.parametrize("name", CODE)
def test_a_variable_that_holds_what_is_run_gets_no_value(name: str) -> None:
    for template in (f"{name}={{{{ x }}}} make", f"export {name}={{{{ x }}}}; make", f"env {name}={{{{ x }}}} make"):
        assert is_refused(template)
        assert is_refused(template, PLAIN)


@pytest.mark.parametrize("name", FILES)
def test_a_variable_that_names_a_file_which_says_what_is_run_gets_no_free_value(name: str) -> None:
    for begins in ("", "export ", "env ", "docker run -e "):
        assert is_refused(f"{begins}{name}={{{{ x }}}} make")
        assert is_refused(f"{begins}{name}={{{{ x }}}} make", PLAIN)
        assert not is_refused(f"{begins}{name}=/etc/kube/{{{{ x }}}}.conf make", PLAIN)
        assert not is_refused(f"{begins}{name}={{{{ x }}}} make", IN_A_FOLDER)
    assert is_refused(f"printf '%s' {{{{ x }}}} | {{ read -r {name}; make; }}")


@pytest.mark.parametrize("name", DATA)
def test_a_variable_whose_value_stays_data_gets_any(name: str) -> None:
    for begins in ("", "export ", "env ", "docker run -e "):
        assert not is_refused(f"{begins}{name}={{{{ x }}}} make")


def test_a_refusal_names_the_variable_and_what_may_stand_there() -> None:
    with pytest.raises(CommandError) as refused:
        compile_command("KUBECONFIG={{ x }} kubectl get pods", {"x": FREE})
    assert "what KUBECONFIG leads to" in refused.value.message
    assert "pattern" in refused.value.message
