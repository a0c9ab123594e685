"""Reads the product's source for what it may say: error codes, text keys, and the names that fill them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("connectors", "sync", "metrics", "zaiseki")
OURS = frozenset({"Stop", "StoreUnusable", "HistoryUnusable", "PlanUnreadable", "Finding"})
"""Made with the code first."""
CONNECTOR_ERRORS = frozenset(
    {
        "Retry",
        "Wait",
        "TokenRefused",
        "MendSettings",
        "BudgetSpent",
        "JobFailed",
        "Unavailable",
        "UnexpectedAnswer",
        "ConnectorError",
    }
)
"""Made with platform, then code."""


@dataclass(frozen=True)
class Raised:
    """One place where a code is named; `given` are its details, None where a mapping is handed on whole."""

    where: str
    kind: str
    code: str
    given: frozenset[str] | None


@dataclass(frozen=True)
class Said:
    """One place where a text is named by a plain key."""

    where: str
    key: str
    given: frozenset[str] | None


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every module of the product, parsed."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def raised() -> list[Raised]:
    """Every code that is raised or found anywhere."""
    return [
        Raised(where, name, code, details)
        for path, tree in modules()
        for call, name, where in _calls(path, tree, OURS | CONNECTOR_ERRORS)
        for code, details in _named_codes(tree, call, name)
    ]


def said(functions: frozenset[str]) -> list[Said]:
    """Every text named by a plain key as the first argument of one of `functions`."""
    return [
        Said(where, str(call.args[0].value), _mapping(call.args[1]) if name == "Note" else _keywords(call))
        for path, tree in modules()
        for call, name, where in _calls(path, tree, functions)
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def prefixes() -> set[str]:
    """What f-strings of the product begin with, where they begin with plain words."""
    return {
        str(node.values[0].value)
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant)
    }


def constants(package: str = "") -> set[str]:
    """Every string that stands by itself in one package, or in all."""
    return {
        node.value
        for path, tree in modules()
        if path.is_relative_to(ROOT / package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _calls(path: Path, tree: ast.AST, names: frozenset[str]) -> Iterator[tuple[ast.Call, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in names:
                yield node, name, f"{path.relative_to(ROOT)}:{node.lineno}"


def _named_codes(tree: ast.Module, call: ast.Call, name: str) -> list[tuple[str, frozenset[str] | None]]:
    place = 0 if name in OURS else 1
    details = _keywords(call)
    if name == "Finding":
        details = _mapping(call.args[2]) if len(call.args) > 2 else frozenset()
    return [(code, details) for code in _texts(tree, call.args[place], call)]


def _keywords(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


def _mapping(node: ast.expr) -> frozenset[str] | None:
    if not isinstance(node, ast.Dict) or not all(isinstance(key, ast.Constant) for key in node.keys):
        return None
    return frozenset(str(key.value) for key in node.keys if isinstance(key, ast.Constant))


def _texts(tree: ast.Module, node: ast.expr, within: ast.AST) -> list[str]:
    """The texts an expression can be: itself, a constant of the module, or what callers hand in."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.Attribute) and node.attr == "code":
        return []  # handed on from another error, which is collected where it is made
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return _strings_of(_assigned(tree, node.value.id))
    if isinstance(node, ast.Name):
        return _from_callers(tree, node.id, within) or _strings_of(_assigned(tree, node.id))
    raise AssertionError(f"a code must be readable from the source: {ast.unparse(node)}")


def _from_callers(tree: ast.Module, name: str, within: ast.AST) -> list[str]:
    owner = next(
        (
            function
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            and any(node is within for node in ast.walk(function))
            and name in [argument.arg for argument in function.args.args]
        ),
        None,
    )
    if owner is None:
        return []
    place = [argument.arg for argument in owner.args.args].index(name)
    return [
        text
        for call, _, _ in _calls(ROOT, tree, frozenset({owner.name}))
        for text in _texts(tree, call.args[place], call)
    ]


def _assigned(tree: ast.Module, name: str) -> ast.expr:
    """What a name of the module stands for, also where it is one of several unpacked at once."""
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                return node.value
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                names = [getattr(part, "id", "") for part in target.elts]
                if name in names:
                    return node.value.elts[names.index(name)]
    raise AssertionError(f"{name} is no constant of its module")


def _strings_of(node: ast.expr) -> list[str]:
    values = node.values if isinstance(node, ast.Dict) else [node]
    found = [str(value.value) for value in values if isinstance(value, ast.Constant)]
    assert found, f"no texts in {ast.unparse(node)}"
    return found
