# SPDX-License-Identifier: Apache-2.0
"""Tokens and expressions of the SystemVerilog that hw/rtl is written in, with their places in the text.

Not a compiler's front end: just enough to say where an expression and its parts begin and end. What it does not know raises Unknown,
and the caller leaves that piece of text alone.
"""
import re
from collections import namedtuple

Token = namedtuple("Token", "kind text start end")

TOKENS = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<string>"[^"\n]*")
  | (?P<directive>`\w+)
  | (?P<number>\d[\d_]*'[sS]?[bodhBODH][0-9a-fA-F_xXzZ?]+|'[01](?!\w)|\d[\d_]*)
  | (?P<name>\$?[A-Za-z_][\w$]*)
  | (?P<symbol><<<|>>>|\|->|\|=>|===|!==|<<|>>|<=|>=|==|!=|&&|\|\||\+:|-:|::|\+\+|--|'\(|'\{|[-+*/%&|^~!<>=?:;,.@\#(){}\[\]])
""", re.X | re.S)

PRECEDENCE = {op: level for level, ops in enumerate(
    [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="], ["<<", ">>", "<<<", ">>>"], ["+", "-"], ["*", "/", "%"]])
    for op in ops}


class Unknown(Exception):
    """A piece of text this parser has no rule for."""


class Node:
    """An expression: text[start:end]. `parts` are sub-expressions whose operators and constants are part of the computation; sizes of
    casts, replications and part selects are not among them. `op` is the operator's token, if there is one."""

    def __init__(self, kind, start, end, parts=(), op=None):
        self.kind, self.start, self.end, self.parts, self.op = kind, start, end, list(parts), op


def tokenize(text):
    tokens, at = [], 0
    while at < len(text):
        match = TOKENS.match(text, at)
        if not match:
            raise Unknown("line %d: %r" % (text.count("\n", 0, at) + 1, text[at:at + 20]))
        if match.lastgroup != "skip":
            tokens.append(Token(match.lastgroup, match.group(), match.start(), match.end()))
        at = match.end()
    return tokens


class Parser:
    """A cursor over tokens, with expressions."""

    def __init__(self, tokens):
        self.tokens = tokens + [Token("end", "", tokens[-1].end, tokens[-1].end)] if tokens else [Token("end", "", 0, 0)]
        self.at = 0

    @property
    def token(self):
        return self.tokens[self.at]

    def ahead(self, n=1):
        return self.tokens[min(self.at + n, len(self.tokens) - 1)].text

    def take(self, text=None):
        token = self.token
        if token.kind == "end" or (text is not None and token.text != text):
            raise Unknown("offset %d: expected %r, found %r" % (token.start, text, token.text))
        self.at += 1
        return token

    def accept(self, text):
        if self.token.text == text and self.token.kind != "string":
            return self.take()
        return None

    def skip_to(self, text):
        """Moves behind the next `text` outside of brackets."""
        depth = 0
        depth = 0
        while True:
            token = self.take()
            if depth == 0 and token.text == text:
                return token
            depth += (token.text in ("(", "[", "{", "'(", "'{")) - (token.text in (")", "]", "}"))

    def expression(self):
        condition = self.binary(0)
        if not self.accept("?"):
            return condition
        first = self.expression()
        self.take(":")
        second = self.expression()
        return Node("ternary", condition.start, second.end, [condition, first, second])

    def binary(self, level):
        left = self.unary()
        while self.token.kind == "symbol" and PRECEDENCE.get(self.token.text, -1) >= level:
            op = self.take()
            right = self.binary(PRECEDENCE[op.text] + 1)
            left = Node("binary", left.start, right.end, [left, right], op)
        return left

    def unary(self):
        if self.token.kind == "symbol" and self.token.text in ("!", "~", "-", "+", "&", "|", "^"):
            op = self.take()
            part = self.unary()
            return Node("unary", op.start, part.end, [part], op)
        return self.primary()

    def listed(self, closing):
        parts = []
        while not self.accept(closing):
            parts.append(self.expression())
            if self.token.text != closing:
                self.take(",")
        return parts

    def primary(self):
        token = self.token
        if token.text == "(":
            self.take()
            part = self.expression()
            return Node("group", token.start, self.take(")").end, [part])
        if token.text == "{":
            return self.concatenation()
        if token.kind not in ("number", "name"):
            raise Unknown("offset %d: no expression starts with %r" % (token.start, token.text))
        self.take()
        while self.token.text in ("::", "."):
            self.take()
            self.take()
        if self.accept("'("):
            part = self.expression()
            return Node("cast", token.start, self.take(")").end, [part])
        if token.kind == "number":
            return Node("number", token.start, token.end)
        parts = []
        if self.accept("("):
            parts += self.listed(")")
        while self.token.text == "[":
            parts.append(self.select())
        return Node("name", token.start, self.tokens[self.at - 1].end, parts)

    def concatenation(self):
        start = self.take("{").start
        first = self.expression()
        if self.token.text == "{":  # replication: the count stays
            inner = self.concatenation()
            return Node("concat", start, self.take("}").end, [inner])
        parts = [first]
        while self.accept(","):
            parts.append(self.expression())
        return Node("concat", start, self.take("}").end, parts)

    def select(self):
        start = self.take("[").start
        first = self.expression()
        kind, parts = "index", [first]
        if self.token.text in ("+:", "-:"):
            self.take()
            self.expression()  # the width stays
            kind = "slice"
        elif self.accept(":"):
            kind, parts = "range", [first, self.expression()]
        return Node(kind, start, self.take("]").end, parts)
