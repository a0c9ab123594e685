"""Opens the archive of a deploy, in metadata format or in source layout, and lists its components."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as Xml
from xml.etree.ElementTree import Element

from sandbox.salesforce.metadata_fields import NAMESPACE, Problem, text, texts

# Deployed without any effect in the sandbox: read for well-formed XML and reported as done.
_INERT = {
    "objectTranslations": "CustomObjectTranslation",
    "layouts": "Layout",
    "reports": "Report",
    "dashboards": "Dashboard",
    "flexipages": "FlexiPage",
    "tabs": "CustomTab",
    "applications": "CustomApplication",
    "labels": "CustomLabels",
    "lwc": "LightningComponentBundle",
    "customPermissions": "CustomPermission",
    "reportTypes": "ReportType",
    "translations": "Translations",
}
_KNOWN = frozenset({*_INERT.values(), "CustomObject", "CustomField", "PermissionSet", "ListView"})


@dataclass(frozen=True)
class Component:
    """One component: its metadata type, full name, file and XML; `problem` where it cannot even be read."""

    kind: str
    name: str
    file: str
    node: Element | None = None
    problem: str | None = None


def open_archive(data: bytes) -> list[Component]:
    """List what an archive would deploy, fields before permission sets; raises `Problem` on a bad archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    except zipfile.BadZipFile as error:
        raise Problem("The zip file could not be opened") from error
    files = _without_common_folder(files)
    manifest = files.pop("package.xml", None)
    found = [one for path, body in files.items() for one in _components(path, body)]
    if manifest is not None:
        found = [*_missing(manifest, found), *found]
    elif not any(path.endswith("-meta.xml") for path in files):
        raise Problem("No package.xml found")
    order = {"CustomObject": 0, "CustomField": 1}
    return sorted(found, key=lambda one: order.get(one.kind, 2))


def _without_common_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Take off the folder that everything may lie in, such as `unpackaged/` or `force-app/main/default/`."""
    package = next((path for path in files if path.rpartition("/")[2] == "package.xml"), None)
    if package is not None:
        prefix = package.removesuffix("package.xml")
    else:
        found = re.match(r"(.*?)(objects|permissionsets)/", next(iter(files), ""))
        prefix = found[1] if found else ""
    return {path.removeprefix(prefix): body for path, body in files.items() if path.startswith(prefix)}


def _missing(manifest: bytes, found: list[Component]) -> Iterator[Component]:
    """Report what package.xml names and the archive does not hold, and types that do not exist."""
    root = _parse(manifest)
    if isinstance(root, str):
        yield Component("", "package.xml", "package.xml", problem=root)
        return
    names = {(one.kind, one.name) for one in found}
    for types in root.findall(NAMESPACE + "types"):
        kind = text(types, "name") or ""
        if kind not in _KNOWN:
            yield Component(
                "", kind, "package.xml", problem=f"Unknown type name '{kind}' specified in package.xml"
            )
            continue
        for member in texts(types, "members"):
            if member != "*" and kind not in _INERT.values() and (kind, member) not in names:
                problem = (
                    f"An object '{member}' of type {kind} was named in package.xml, but was not "
                    "found in zipped directory"
                )
                yield Component(kind, member, "package.xml", problem=problem)


def _components(path: str, body: bytes) -> Iterator[Component]:
    folder, _, rest = path.partition("/")
    base = rest.rpartition("/")[2].removesuffix("-meta.xml")
    name = base.rpartition(".")[0] or base
    if folder in _INERT:
        root = _parse(body) if base.endswith(".js") is False and b"<" in body[:1] else None
        yield Component(_INERT[folder], name, path, problem=root if isinstance(root, str) else None)
        return
    if folder not in ("objects", "permissionsets"):
        yield Component("", path, path, problem=f"Unknown folder: {folder}")
        return
    root = _parse(body)
    if isinstance(root, str):
        yield Component("CustomObject" if folder == "objects" else "PermissionSet", name, path, problem=root)
    elif folder == "permissionsets":
        yield Component("PermissionSet", name, path, root)
    elif rest.count("/") == 2:
        # Source layout: objects/Contact/fields/X__c.field-meta.xml
        owner, kind, _ = rest.split("/")
        yield Component("CustomField" if kind == "fields" else "ListView", f"{owner}.{name}", path, root)
    else:
        yield Component("CustomObject", name, path, root)
        for node in root.findall(NAMESPACE + "fields"):
            yield Component("CustomField", f"{name}.{text(node, 'fullName') or ''}", path, node)
        for node in root.findall(NAMESPACE + "listViews"):
            yield Component("ListView", f"{name}.{text(node, 'fullName') or ''}", path)


def _parse(body: bytes) -> Element | str:
    try:
        return Xml.fromstring(body)  # noqa: S314 - a local sandbox reads what its own user deploys
    except Xml.ParseError as error:
        return f"Error parsing file: {error}"
