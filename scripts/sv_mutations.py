# SPDX-License-Identifier: Apache-2.0
"""Where a SystemVerilog source of hw/rtl can be changed a little, and the source with many such changes behind one selector.

Changed are right-hand sides, conditions and inputs of instances; left alone are declarations, parameters, assertions, loop headers, case
labels and text for other tools (`ifdef). Every change keeps the source legal, so that one build holds all of them: an expression e with
changed forms e1, e2 becomes (selected == 1 ? e1 : selected == 2 ? e2 : e).
"""
import re
from collections import namedtuple

from sv_expressions import Parser, Unknown, tokenize

# statement: place of the whole expression or assignment that is wrapped; change: place of the text that differs.
Mutation = namedtuple("Mutation", "operator statement change replacement")

SWAPS = {"+": ["-"], "-": ["+"], "*": ["+"], "<<": [">>"], ">>": ["<<"], "<<<": [">>>"], ">>>": ["<<<"],
         "==": ["!="], "!=": ["=="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
         "&&": ["||"], "||": ["&&"], "&": ["|"], "|": ["&"], "^": ["|"]}
FAMILY = dict([(op, "arithmetic") for op in ("+", "-", "*", "<<", ">>", "<<<", ">>>")] + [(op, "logical") for op in ("&&", "||", "&", "|", "^")])
DECLARATIONS = {"logic", "wire", "int", "integer", "genvar", "localparam", "parameter", "typedef", "automatic", "import", "bit", "unsigned"}
SELECTED = "squat_mutant_pkg::selected"


def neighbours(text):
    """The constants one above and one below, of the same width and sign."""
    if text in ("'0", "'1"):
        return ["'1" if text == "'0" else "'0"]
    if "'" not in text:
        value = int(text.replace("_", ""))
        return [str(value + 1)] + ([str(value - 1)] if value > 0 else [])
    width, sign, base, digits = re.fullmatch(r"([\d_]+)'([sS]?)([bodhBODH])(\w+)", text).groups()
    if re.search(r"[xXzZ?]", digits) and base not in "hH":
        return []
    size = 1 << int(width.replace("_", ""))
    value = int(digits.replace("_", ""), {"b": 2, "o": 8, "d": 10, "h": 16}[base.lower()])
    return ["%s'%sd%d" % (width, sign, v) for v in dict.fromkeys([(value + 1) % size, (value - 1) % size])]


def inactive(tokens):
    """Places of `ifdef regions that these simulations do not compile, and of assertions."""
    places, stack = [], []
    for i, token in enumerate(tokens):
        if token.text in ("`ifdef", "`ifndef"):
            checks = tokens[i + 1].text in ("VERILATOR", "SYNTHESIS")  # what is for simulation only are assertions
            stack.append([token.start, checks or token.text == "`ifdef"])
        elif token.text == "`else":
            start, skip = stack[-1]
            if skip:
                places.append((start, token.end))
            stack[-1] = [token.start, not skip]
        elif token.text == "`endif":
            start, skip = stack.pop()
            if skip:
                places.append((start, token.end))
    return places


class Source(Parser):
    """One file's mutations, in the order of their places."""

    def __init__(self, text):
        self.text = text
        tokens = tokenize(text)
        skipped = inactive(tokens)
        keep, previous = [], ""
        for token in tokens:
            if token.kind != "directive" and previous not in ("`ifdef", "`ifndef") and not any(a <= token.start < b for a, b in skipped):
                keep.append(token)
            previous = token.text
        super().__init__(keep)
        self.mutations = []
        while self.token.kind != "end":
            self.item()

    # ---- statements
    def item(self):
        word = self.token.text
        if word == "always_ff":
            self.skip_to("(")
            self.skip_to(")")
            self.statement(registers=True)
        elif word == "always_comb":
            self.take()
            self.statement(registers=False)
        elif word == "function":
            self.skip_to(";")
            while not self.accept("endfunction"):
                self.statement(registers=False)
        elif word == "assign":
            self.take()
            self.assignment(registers=False)
        elif word in ("module", "package", "assert", "initial", "$error") or word in DECLARATIONS:
            self.skip_to(";")
        elif word in ("if", "for"):
            self.take()
            self.take("(")
            self.skip_to(")")
        elif self.token.kind == "name" and word not in ("begin", "end", "else") and (self.ahead() == "#" or (self.ahead(2) == "(" and re.fullmatch(r"\w+", self.ahead()))):
            self.instance()
        else:
            self.take()  # begin, end, else
            if word == "begin" and self.accept(":"):
                self.take()

    def instance(self):
        self.take()
        if self.accept("#"):
            self.take("(")
            self.skip_to(")")
        self.take()
        self.take("(")
        while not self.accept(")"):
            self.take(".")
            self.take()
            if self.accept("("):
                if not self.accept(")"):
                    e = self.expression()
                    if e.kind != "name" and not (e.kind == "concat" and all(p.kind == "name" for p in e.parts)):  # no output
                        self.site(e)
                    self.take(")")
            self.accept(",")
        self.take(";")

    def statement(self, registers):
        word = self.token.text
        if word in ("unique", "priority"):
            self.take()
            word = self.token.text
        if word == "begin":
            self.take()
            if self.accept(":"):
                self.take()
            while not self.accept("end"):
                self.statement(registers)
        elif word == "if":
            self.take()
            self.take("(")
            self.site(self.expression(), condition=True)
            self.take(")")
            self.statement(registers)
            if self.accept("else"):
                self.statement(registers)
        elif word == "case":
            self.take()
            self.take("(")
            self.skip_to(")")
            while not self.accept("endcase"):
                if self.accept("default"):
                    self.accept(":")
                else:
                    self.skip_to(":")
                self.statement(registers)
        elif word == "for":
            self.take()
            self.take("(")
            self.skip_to(")")
            self.statement(registers)
        elif word in DECLARATIONS or word in ("assert", "$error"):
            self.skip_to(";")
        elif not self.accept(";"):
            self.assignment(registers)

    def assignment(self, registers):
        start = self.token.start
        unused = self.token.text.startswith("unused")  # what only keeps lint quiet
        self.primary()
        if self.token.text not in ("=", "<="):
            raise Unknown("offset %d: expected an assignment, found %r" % (self.token.start, self.token.text))
        self.take()
        value = self.expression()
        end = self.take(";").end
        if not unused:
            self.site(value)
        if registers:
            self.mutations.append(Mutation("dropped assignment", (start, end), (start, end), ""))

    # ---- expressions
    def site(self, e, condition=False):
        place = (e.start, e.end)
        if condition:
            self.add("negated condition", place, place, "!(%s)" % self.text[e.start:e.end])
        self.inside(e, place)

    def add(self, operator, statement, change, replacement):
        self.mutations.append(Mutation(operator, statement, change, replacement))

    def inside(self, e, place):
        text = self.text
        if e.kind == "binary":
            family = FAMILY.get(e.op.text, "relational")
            for other in SWAPS.get(e.op.text, []):
                self.add(family, place, (e.op.start, e.op.end), other)
        elif e.kind == "unary" and e.op.text in ("!", "~"):
            self.add("dropped negation", place, (e.op.start, e.op.end), "")
        elif e.kind == "ternary":
            _, first, second = e.parts
            middle = text[first.end:second.start]
            self.add("swapped branches", place, (first.start, second.end), text[second.start:second.end] + middle + text[first.start:first.end])
        elif e.kind == "number":
            for other in neighbours(text[e.start:e.end]):
                self.add("constant", place, (e.start, e.end), other)
            return
        elif e.kind in ("index", "range", "slice"):
            self.selects(e, place)
            return
        for part in e.parts:
            self.inside(part, place)

    def selects(self, e, place):
        """Only lower bits and narrower ranges: what lies beyond the highest bit is no value at all."""
        numbers = [int(self.text[p.start:p.end]) for p in e.parts if p.kind == "number" and self.text[p.start:p.end].isdigit()]
        if len(numbers) != len(e.parts):
            if e.kind != "range":
                self.inside(e.parts[0], place)
        elif e.kind == "range":
            msb, lsb = numbers
            for a, b in [(msb - 1, lsb), (msb, lsb + 1), (msb - 1, lsb - 1)]:
                if a >= b >= 0:
                    self.add("bit index", place, (e.parts[0].start, e.parts[1].end), "%d:%d" % (a, b))
        else:
            self.add("bit index", place, (e.parts[0].start, e.parts[0].end), str(numbers[0] - 1 if numbers[0] > 0 else 1))


def find(text):
    """All mutations of a source, each a Mutation."""
    return [m for m in Source(text).mutations if applied(text, m) != text[m.statement[0]:m.statement[1]]]


def applied(text, mutation):
    """The statement with the change."""
    (a, b), (c, d) = mutation.statement, mutation.change
    return text[a:c] + mutation.replacement + text[d:b]


def schemata(text, chosen):
    """The source with the mutations {number: Mutation} behind the selector."""
    edits = {}
    for number, m in chosen.items():
        edits.setdefault(m.statement, []).append((number, m))
    # Inner places first: a dropped assignment holds the expression of its right-hand side.
    drops = {place for place, ms in edits.items() if ms[0][1].operator == "dropped assignment"}
    marks = []
    for place, ms in edits.items():
        if place in drops:
            test = " && ".join("%s != 32'd%d" % (SELECTED, number) for number, _ in ms)
            marks += [(place[0], "begin if (%s) " % test), (place[1], " end")]
        else:
            forms = "".join("%s == 32'd%d ? (%s) : " % (SELECTED, number, applied(text, m)) for number, m in ms)
            marks += [(place[0], "(" + forms + "("), (place[1], "))")]
    for at, piece in sorted(marks, reverse=True):
        text = text[:at] + piece + text[at:]
    read = "  initial if (!$value$plusargs(\"mutant=%%d\", %s)) %s = 0;\n" % (SELECTED, SELECTED)
    return re.sub(r"^endmodule", lambda m: read + "endmodule", text, flags=re.M)
