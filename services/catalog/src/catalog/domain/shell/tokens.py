"""The tokens that are the shell's own, and what of them only bash understands."""

import re

LONGEST_PIPELINE = 100
TOKEN = re.compile(r"\)|;;&?|;&|(?:\{|\}|!|\[\[|\]\]|[a-z]+)(?=[\s;&|()<>]|\\\n|\Z)")
TIMED = re.compile(r"time(?:[ \t]+-p)?[ \t]+(?=\(|(?:\{|!|\[\[|if|while|until|for|case)\s)")
FUNCTION = re.compile(r"([A-Za-z_][\w-]*)[ \t]*\([ \t]*\)")
FUNCTION_NAME = re.compile(r"[ \t]*([A-Za-z_][\w-]*)(?:[ \t]*\([ \t]*\))?")
REDIRECTION = re.compile(r"(\d*|\{[A-Za-z_]\w*\})(&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<(?!\()|>(?!\())")
IN_TEST = re.compile(r"&&|\|\||[()|]|[<>](?!\()")
CLAUSES = {
    "if": (["then"], ["elif", "else", "fi"]),
    "elif": (["then"], ["elif", "else", "fi"]),
    "else": (["fi"],),
    "while": (["do"], ["done"]),
    "until": (["do"], ["done"]),
    "{": (["}"],),
    "do": (["done"],),
}
"""What closes each part of a compound command, behind the word that opens it."""
RESERVED = frozenset({"}", "then", "fi", "done", "esac", "in", "for", "select", "case", "function", "coproc", *CLAUSES})
OPENS = RESERVED | {"[["}
CLOSERS = RESERVED - {"in", "coproc"}
"""Those that are no commands in any shell, wherever they begin nothing."""
COMPOUND = re.compile(r"\(|(?:\{|\[\[|if|while|until|for|select|case)(?=[\s;&|()<>]|\\\n)")
"""What may begin the body of a function in any shell."""
LEADS_AWAY = frozenset({"exit", "exec", "alias", "shopt"})
"""Behind which a shell reads on in another way, or not at all."""
ASSIGNED = re.compile(r"[A-Za-z_]\w*(\[[^\]]*\])?(\+?)=")
RANGE = re.compile(r"\{(?:-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d+)?\}")
LIST = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*,")
TESTS = {
    "==": re.compile(
        r"(?:\[|test)\n(?:.*\n)?(?!(?:-[ao]|[()!]|!?=)\n)[^\n]*\n==\n(?!(?:-[ao]|[()!]|!?=|\])(?:\n|\Z))", re.DOTALL
    ),
    "-v": re.compile(r"(?:\[|test)\n-v\n(?!\]\Z)"),
}
"""Operators of `[` that bash alone has, in the words of a command on lines of their own."""
