#!/usr/bin/env python3
"""Rules of the source tree that the compiler does not check. scripts/check runs it.

Usage:  scripts/check_sources.py              checks the tree
        scripts/check_sources.py --self-test  breaks a copy of the tree in every way and expects each to be found

The rules:
  - A stage names only types and functions of its own and of the stages before it. Run*.swift and Command/*Command.swift
    join the stages and are exempt. A name that an earlier stage declares too, at any depth, counts as that one; calls
    of methods are not followed.
  - Each C library has one importing file; CCrypto has one in Sign/ and may be imported in Listen/.
  - Nothing is public or open. No folder or file is named after what it is not about (Utils, Helpers, ...).
  - A file in Sources has at most 400 lines; above 300 is a warning.
  - Every script begins with a header that names its usage and needs.
  - No tracked text holds a path of the machine that it was written on.

Needs:  Python 3.9, git.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

STAGES = ["Command", "Config", "Read", "Route", "Batch", "Sign", "Deliver", "Settle", "Report", "Listen"]
DOORS = {"CBytes": ["Read"], "CCurl": ["Deliver"], "CYAML": ["Config"], "CCrypto": ["Sign", "Listen"]}
VAGUE = re.compile(r"^(utils?|utilit(y|ies)|helpers?|common|extensions?|misc)(\.swift)?$", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w./-])/(work|home|root|Users)/[\w.]")
DECLARED_TYPE = re.compile(r"\b(?:struct|class|enum|actor|protocol|typealias)\s+([A-Za-z_]\w*)")
DECLARED_FUNCTION = re.compile(r"\bfunc\s+([A-Za-z_]\w*)")


def code_only(text):
    """The text with comments and string literals blanked out, line breaks kept. Interpolated code stays."""
    out, index, end = [], 0, len(text)
    # Each open literal is (number of #, is multi-line); an interpolation is an open parenthesis count.
    stack = []

    def blank(piece):
        out.append(re.sub(r"[^\n]", " ", piece))

    while index < end:
        in_text = stack and isinstance(stack[-1], tuple)
        if in_text:
            hashes, multi = stack[-1]
            close = ('"""' if multi else '"') + "#" * hashes
            escape = "\\" + "#" * hashes
            if text.startswith(close, index):
                blank(close)
                index += len(close)
                stack.pop()
            elif text.startswith(escape + "(", index):
                blank(escape)
                out.append("(")
                index += len(escape) + 1
                stack.append(1)
            elif text.startswith(escape, index):
                blank(text[index:index + len(escape) + 1])
                index += len(escape) + 1
            else:
                blank(text[index])
                index += 1
            continue
        literal = re.compile(r'(#*)("""|")').match(text, index)
        if text.startswith("//", index):
            stop = text.find("\n", index)
            stop = end if stop < 0 else stop
            blank(text[index:stop])
            index = stop
        elif text.startswith("/*", index):
            depth, stop = 1, index + 2
            while depth and stop < end:
                mark = text[stop:stop + 2]
                depth += 1 if mark == "/*" else -1 if mark == "*/" else 0
                stop += 2 if mark in ("/*", "*/") else 1
            blank(text[index:stop])
            index = stop
        elif literal:
            blank(literal[0])
            index = literal.end()
            stack.append((len(literal[1]), literal[2] == '"""'))
        else:
            if stack:
                stack[-1] += {"(": 1, ")": -1}.get(text[index], 0)
                if stack[-1] == 0:
                    stack.pop()
            out.append(text[index])
            index += 1
    return "".join(out)


def top_level(code):
    """The code outside of all braces: what is declared there belongs to the whole module."""
    out, depth = [], 0
    for character in code:
        depth -= character == "}"
        out.append(character if depth == 0 or character == "\n" else " ")
        depth += character == "{"
    return "".join(out)


class Tree:
    """The files of one checkout, read once, and the problems found in them."""

    def __init__(self, root):
        self.root = root
        self.problems, self.warnings = [], []
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                                check=True, capture_output=True).stdout.decode()
        self.paths = sorted(path for path in set(listed.split("\0")) if path and (root / path).is_file())
        self.swift = {path: (root / path).read_text() for path in self.paths
                      if path.startswith("Sources/") and path.endswith(".swift")}
        self.code = {path: code_only(text) for path, text in self.swift.items()}

    def check(self):
        if not self.swift:
            self.problems.append("Sources: no Swift file")
        for rule in [self.layers, self.doors, self.access, self.names, self.sizes, self.headers, self.words]:
            rule()

    def stage(self, path):
        """The number of the file's stage; None for a file that joins stages."""
        parts = path.split("/")
        if parts[:2] != ["Sources", "Hookline"] or len(parts) < 4:
            return None
        if parts[2] not in STAGES:
            self.problems.append(f"{path}: {parts[2]} is no stage ({' '.join(STAGES)})")
            return None
        return None if parts[2] == "Command" and parts[-1].endswith("Command.swift") else STAGES.index(parts[2])

    def layers(self):
        stages = {path: self.stage(path) for path in self.code}
        known = [set() for _ in STAGES]  # declared at any depth
        shared = {}  # name -> first stage that declares it for the whole module
        for path, code in self.code.items():
            if stages[path] is None:
                continue
            outer = top_level(code)
            for pattern, tag in [(DECLARED_TYPE, ""), (DECLARED_FUNCTION, "(")]:
                known[stages[path]] |= {name + tag for name in pattern.findall(code)}
                for match in pattern.finditer(outer):
                    line = outer[outer.rfind("\n", 0, match.start()) + 1:match.start()]
                    if not re.search(r"\b(file)?private\b", line):
                        name = match[1] + tag
                        shared[name] = min(shared.get(name, stages[path]), stages[path])
        for path, code in self.code.items():
            if stages[path] is None:
                continue
            seen = set().union(*known[:stages[path] + 1])
            for match in re.finditer(r"(?<![.\w])[A-Za-z_]\w*(\(?)", code):
                word = match[0].rstrip("(")
                for name in {word, word + match[1]}:
                    if name in shared and shared[name] > stages[path] and name not in seen:
                        self.problems.append(f"{path}:{code.count(chr(10), 0, match.start()) + 1}: "
                                             f"{STAGES[stages[path]]} may not name {word} of the later stage "
                                             f"{STAGES[shared[name]]}")

    def doors(self):
        for module, folders in DOORS.items():
            by_folder = {}
            for path, code in self.code.items():
                if re.search(rf"^[^\n]*\bimport\s+(\w+\s+)?{module}\b", code, re.MULTILINE):
                    folder = path.split("/")[2]
                    by_folder.setdefault(folder, []).append(path)
                    if folder not in folders:
                        self.problems.append(f"{path}: {module} may be imported only in {' and '.join(folders)}/")
            for folder, paths in by_folder.items():
                if len(paths) > 1 and folder != "Listen":
                    self.problems.append(f"{', '.join(paths)}: {module} may be imported in one file only")

    def access(self):
        for path, code in self.code.items():
            for match in re.finditer(r"(?<![.\w`])(public|open)\s+(?=\w)(?!\(|let\b.*=\s*open)", code):
                self.problems.append(f"{path}:{code.count(chr(10), 0, match.start()) + 1}: {match[1]}: use package")

    def names(self):
        for path in self.paths:
            for part in path.split("/"):
                if VAGUE.match(part):
                    self.problems.append(f"{path}: {part} names no subject")

    def sizes(self):
        for path, text in self.swift.items():
            lines = text.count("\n")
            if lines > 400:
                self.problems.append(f"{path}: {lines} lines; at most 400")
            elif lines > 300:
                self.warnings.append(f"{path}: {lines} lines; better at most 300")

    def headers(self):
        for path in self.paths:
            if not path.startswith(("scripts/", ".ci/")) or path.endswith((".md", ".yaml", ".json")):
                continue
            head = (self.root / path).read_text(errors="replace")[:4500]
            comment = head.split('"""')[1] if head.count('"""') > 1 else "\n".join(
                line for line in head.split("\n") if line.startswith(("#", "//")) and not line.startswith("#!"))
            if len(comment) < 80 or "Needs" not in comment:
                self.problems.append(f"{path}: no header that says what it does, its usage and what it Needs")

    def words(self):
        for path in self.paths:
            try:
                text = (self.root / path).read_text()
            except UnicodeDecodeError:
                continue
            for number, line in enumerate(text.split("\n"), 1):
                found = MACHINE_PATH.search(line)
                if found:
                    self.problems.append(f"{path}:{number}: {found[0]}...: a path of one machine")


# What to append to or write into which file, and the words of the problem that must be found then.
BREAKAGES = [
    ("Sources/Hookline/Report/Later.swift", "struct LaterThing {}\nfunc laterCall() {}\n", None),
    ("Sources/Hookline/Config/Early.swift", "let early: LaterThing? = nil\n", "may not name LaterThing"),
    ("Sources/Hookline/Config/Early.swift", 'let early = "\\(LaterThing.self)"\n', "may not name LaterThing"),
    ("Sources/Hookline/Read/Early.swift", "func early() { laterCall() }\n", "may not name laterCall"),
    ("Sources/Hookline/Read/Early.swift", '// LaterThing\nlet early = "LaterThing" /* LaterThing */\n', None),
    ("Sources/Hookline/Read/Early.swift", "enum Enclosing { struct LaterThing {} }\n", None),
    ("Sources/Hookline/Command/EarlyCommand.swift", "let early: LaterThing? = nil\n", None),
    ("Sources/Hookline/Command/Early.swift", "let early: LaterThing? = nil\n", "may not name LaterThing"),
    ("Sources/Hookline/Other/File.swift", "struct Other {}\n", "is no stage"),
    ("Sources/Hookline/Route/Door.swift", "import CCurl\n", "CCurl may be imported only in"),
    ("Sources/Hookline/Route/Door.swift", "internal import CYAML\n", "CYAML may be imported only in"),
    ("Sources/Hookline/Route/Door.swift", "import CCrypto\n", "CCrypto may be imported only in"),
    ("Sources/Hookline/Deliver/Door2.swift", "import CCurl\n", "CCurl may be imported in one file only"),
    ("Sources/Hookline/Read/Open.swift", "public struct Open {}\n", "public: use package"),
    ("Sources/Hookline/Read/Open.swift", "open class Open {}\n", "open: use package"),
    ("Sources/Hookline/Read/Open.swift", "let descriptor = open(path, 0)\n", None),
    ("Sources/Hookline/Read/Utils/File.swift", "", "Utils names no subject"),
    ("Sources/Hookline/Read/Helpers.swift", "", "Helpers.swift names no subject"),
    ("Sources/Hookline/Read/Long.swift", "\n" * 401, "at most 400"),
    ("scripts/bare", "#!/usr/bin/env bash\necho\n", "no header"),
    ("docs/page.md", "see /" + "home/someone/notes\n", "a path of one machine"),
    ("docs/page.md", "see /" + "work/notes\n", "a path of one machine"),
]


def self_test(root):
    """Applies each breakage to a copy of the tree; what is expected must be found, and nothing else."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="hookline-check-") as folder:
        copy = pathlib.Path(folder) / "tree"
        for path in Tree(root).paths:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, copy / path)
        subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
        before = problems_of(copy)
        shared, others = BREAKAGES[0], BREAKAGES[1:]
        for path, text, expected in others:
            added = [shared[:2], (path, text)]
            if "Door2" in path:
                added.append(("Sources/Hookline/Deliver/Door1.swift", "import CCurl\n"))
            for name, content in added:
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                (copy / name).write_text(content)
            found = [problem for problem in problems_of(copy) if problem not in before]
            right = all(expected in problem for problem in found) and bool(found) if expected else not found
            if not right:
                failed += 1
                print(f"check: self-test: {path} {text[:50]!r}: expected {expected!r}, found {found}", file=sys.stderr)
            for name, _ in added:
                (copy / name).unlink()
    print(f"check: self-test: {len(BREAKAGES) - 1 - failed} of {len(BREAKAGES) - 1} breakages judged rightly")
    return 1 if failed else 0


def problems_of(root):
    tree = Tree(root)
    tree.check()
    return tree.problems


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    if sys.argv[1:] == ["--self-test"]:
        return self_test(root)
    tree = Tree(root)
    tree.check()
    for warning in tree.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    for problem in tree.problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if tree.problems else 0


if __name__ == "__main__":
    sys.exit(main())
