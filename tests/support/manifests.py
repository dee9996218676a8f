"""A strict reader of Kubernetes manifests: what isn't in the documentation's list is refused.

The lists are of CloudNativePG 1.30 and its Barman Cloud plugin 0.14, at the levels that are used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

NAME = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
IMAGE = r"[a-z0-9.-]+(/[a-z0-9._-]+)+:[A-Za-z0-9._-]+"
QUANTITY = r"[0-9]+(Mi|Gi|Ti)"
REFERENCE = {"!name": NAME}
KEY = {"!name": NAME, "!key": r"[-._a-zA-Z0-9]+"}
ANY: Mapping[str, Any] = {}
# A name with ! is required. A value is a pattern, a list of the allowed, a type, or what it holds.
CLUSTER = {
    "!instances": int, "imageName": IMAGE, "imageCatalogRef": ANY, "imagePullPolicy": str,
    "imagePullSecrets": list, "description": str, "affinity": ANY, "resources": ANY,
    "superuserSecret": REFERENCE, "enableSuperuserAccess": bool, "certificates": ANY,
    "externalClusters": list, "managed": ANY, "monitoring": ANY, "replica": ANY,
    "replicationSlots": ANY, "primaryUpdateStrategy": ["unsupervised", "supervised"],
    "primaryUpdateMethod": ["switchover", "restart"], "tablespaces": list, "priorityClassName": str,
    "storage": {"size": QUANTITY, "storageClass": str, "resizeInUseVolumes": bool},
    "walStorage": {"size": QUANTITY, "storageClass": str, "resizeInUseVolumes": bool},
    "bootstrap": {
        "recovery": ANY, "pg_basebackup": ANY,
        "initdb": {
            "database": r"[a-z_][a-z0-9_]*", "owner": r"[a-z_][a-z0-9_]*", "secret": REFERENCE,
            "dataChecksums": bool, "encoding": str, "locale": str, "localeProvider": str,
            "builtinLocale": str, "postInitApplicationSQL": list, "postInitSQL": list,
            "postInitTemplateSQL": list, "walSegmentSize": int, "import": ANY,
        },
    },
    "postgresql": {
        "parameters": {"*": str}, "shared_preload_libraries": [str], "pg_hba": list,
        "pg_ident": list, "synchronous": ANY, "enableAlterSystem": bool, "ldap": ANY,
        "extensions": [{
            "!name": r"[a-z0-9]([-a-z0-9_]{0,57}[a-z0-9])?",
            "image": {"!reference": IMAGE, "pullPolicy": str},
            "extension_control_path": list, "dynamic_library_path": list, "ld_library_path": list,
            "bin_path": list, "env": list,
        }],
    },
    "plugins": [
        {"!name": str, "enabled": bool, "isWALArchiver": bool, "parameters": {"*": str}}
    ],
}  # fmt: skip
DATABASE = {
    "!name": r"(?!postgres$|template[01]$).+", "!owner": str, "!cluster": REFERENCE,
    "ensure": ["present", "absent"], "databaseReclaimPolicy": ["retain", "delete"],
    "template": str, "encoding": str, "locale": str, "tablespace": str, "connectionLimit": int,
    "extensions": [
        {"!name": str, "ensure": ["present", "absent"], "version": str, "schema": str}
    ],
    "schemas": [{"!name": str, "!owner": str, "ensure": ["present", "absent"]}],
}  # fmt: skip
SCHEDULED_BACKUP = {
    "!schedule": r"(\S+ ){5}\S+", "!cluster": REFERENCE, "immediate": bool, "suspend": bool,
    "backupOwnerReference": ["none", "self", "cluster"], "online": bool,
    "method": ["barmanObjectStore", "volumeSnapshot", "plugin"],
    "target": ["primary", "prefer-standby"],
    "pluginConfiguration": {"!name": str, "parameters": {"*": str}},
}  # fmt: skip
OBJECT_STORE = {
    "retentionPolicy": r"[1-9][0-9]*[dwm]", "instanceSidecarConfiguration": ANY,
    "!configuration": {
        "!destinationPath": r"s3://.+", "endpointURL": r"https?://.+", "endpointCA": KEY,
        "azureCredentials": ANY, "googleCredentials": ANY,
        "s3Credentials": {
            "accessKeyId": KEY, "secretAccessKey": KEY, "region": KEY, "sessionToken": KEY,
            "inheritFromIAMRole": bool,
        },
        "wal": {
            "compression": ["bzip2", "gzip", "lz4", "snappy", "xz", "zstd"],
            "encryption": ["AES256", "aws:kms"], "maxParallel": int,
        },
        "data": {
            "compression": ["bzip2", "gzip", "snappy"], "encryption": ["AES256", "aws:kms"],
            "immediateCheckpoint": bool, "jobs": int,
        },
    },
}  # fmt: skip
KINDS = {
    ("postgresql.cnpg.io/v1", "Cluster"): CLUSTER,
    ("postgresql.cnpg.io/v1", "Database"): DATABASE,
    ("postgresql.cnpg.io/v1", "ScheduledBackup"): SCHEDULED_BACKUP,
    ("barmancloud.cnpg.io/v1", "ObjectStore"): OBJECT_STORE,
}


def read(text: str) -> list[dict[str, Any]]:
    """The documents of a manifest.

    Raises:
        ValueError: a key stands twice, or something isn't as the documentation has it.
    """
    documents = list(yaml.load_all(text, _Strict))
    for document in documents:
        check(document)
    return documents


def check(document: dict[str, Any]) -> None:
    """Look at one resource.

    Raises:
        ValueError: an unknown kind or field, a missing one, or a value that isn't allowed.
    """
    kind = (document.get("apiVersion"), document.get("kind"))
    if kind not in KINDS:
        raise ValueError(f"no such kind: {kind}")
    spec = KINDS[kind]
    metadata = {"!name": NAME, "namespace": NAME, "labels": {"*": str}, "annotations": {"*": str}}
    shape = {"!apiVersion": str, "!kind": str, "!metadata": metadata, "!spec": spec}
    _check(document, shape, str(kind[1]))


def _check(value: Any, shape: Any, where: str) -> None:
    if isinstance(shape, str):
        _require(isinstance(value, str) and re.fullmatch(shape, value), where, value)
    elif isinstance(shape, type):
        _require(type(value) is shape, where, value)
    elif isinstance(shape, list) and isinstance(shape[0], str):
        _require(value in shape, where, value)
    elif isinstance(shape, list):
        _require(isinstance(value, list), where, value)
        for index, one in enumerate(value):
            _check(one, shape[0], f"{where}[{index}]")
    else:
        _require(isinstance(value, dict), where, value)
        _check_fields(value, shape, where)


def _check_fields(value: dict[str, Any], shape: Mapping[str, Any], where: str) -> None:
    known = {name.lstrip("!"): inner for name, inner in shape.items()}
    for name, inner in value.items():
        if known and name not in known and "*" not in known:
            raise ValueError(f"{where} has no field {name}")
        _check(inner, known.get(name, known.get("*", type(inner))), f"{where}.{name}")
    for name in shape:
        if name.startswith("!") and name[1:] not in value:
            raise ValueError(f"{where} lacks {name[1:]}")


def _require(fits: object, where: str, value: object) -> None:
    if not fits:
        raise ValueError(f"{where}: {value!r} is not allowed")


class _Strict(yaml.SafeLoader):
    """YAML in which a key that stands twice is a mistake."""


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"'{key}' stands twice{node.start_mark}")
    return loader.construct_mapping(node, deep=True)


_construct: Callable[[_Strict, yaml.MappingNode], dict[Any, Any]] = _mapping
_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct)
