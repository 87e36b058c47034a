#!/usr/bin/env python3
"""Checks a receipt without any of the ledger's own code.

    verify_receipt.py RECEIPT [--ledger-key FILE] [--ledger FOLDER] [--openssl]

RECEIPT is a receipt's file. FILE holds the ledger's name and key, NAME+ID+KEY, as it was told some other way: without it the
receipt is only known to fit together under the key that it brings itself. FOLDER is a tiled log, the ledger as it is now or
was at any time after the receipt: it must begin with the very entries that the receipt's checkpoint speaks of.

Ends with 0 when all is well, 1 with the reason when it is not, and 77 when nothing here can check a signature.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sys

from verify import Bad, check_inclusion, decode, hashes, read, read_checkpoint, read_entries, read_key
from verify import leaf_hash, signature_checker, tree_root

FIELDS = ["receipt", "key", "successions", "entry", "salt", "detail", "proof", "outcome"]
OPTIONAL = ["successions", "outcome"]


def main():
    parser = argparse.ArgumentParser(description="Check a receipt.")
    parser.add_argument("receipt", type=pathlib.Path)
    parser.add_argument("--ledger-key", type=pathlib.Path)
    parser.add_argument("--ledger", type=pathlib.Path)
    parser.add_argument("--openssl", action="store_true")
    options = parser.parse_args()
    check_signature = signature_checker(options.openssl)
    if check_signature is None:
        print("neither the package 'cryptography' nor a recent 'openssl' is here to check signatures", file=sys.stderr)
        return 77
    try:
        receipt = read_receipt(read(options.receipt))
        key = receipt["key"]
        if options.ledger_key:
            trusted = read(options.ledger_key).decode().strip()
            if follow(trusted, receipt.get("successions", []), check_signature) != key:
                raise Bad("the receipt is not of the ledger with this key")
        else:
            follow(key, receipt.get("successions", []), check_signature)
        detail, outcome, index, checkpoint = check(receipt, check_signature)
        print(f"entry {index} is in the ledger, and this is its detail:")
        print(json.dumps(detail, indent=2, ensure_ascii=False))
        if outcome is not None:
            print("since then:")
            print(json.dumps(outcome, indent=2, ensure_ascii=False))
        if options.ledger:
            check_kept(options.ledger, receipt, index, checkpoint, check_signature)
            print("the ledger has kept to it")
        if not options.ledger_key:
            print("Compare this key with the one that your household knows:", key)
    except (Bad, OSError, ValueError, KeyError, IndexError) as error:
        print(f"NOT GOOD: {error}", file=sys.stderr)
        return 1
    return 0


def read_receipt(bytes_):
    receipt = json.loads(bytes_)
    if not isinstance(receipt, dict) or receipt.get("receipt") != 1:
        raise Bad("it is not a receipt of version 1")
    if json.dumps(receipt, indent=2, ensure_ascii=False).encode() + b"\n" != bytes_:
        raise Bad("it is not written in the one form that receipts have")
    if list(receipt) != [name for name in FIELDS if name in receipt or name not in OPTIONAL]:
        raise Bad("its fields are others than a receipt's")
    texts = [value for name, value in receipt.items() if name not in ("receipt", "successions")]
    if not all(isinstance(text, str) for text in texts + receipt.get("successions", [])):
        raise Bad("a field is not text")
    return receipt


def check(receipt, check_signature):
    """The detail, the outcome, the index and the checkpoint of a receipt that is in order."""
    entry = receipt["entry"].encode()
    head, separator, checkpoint = receipt["proof"].partition("\n\n")
    lines = head.split("\n")
    if not separator or lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index "):
        raise Bad("its proof is not a tlog-proof")
    index = int(lines[1][len("index ") :])
    if lines[1] != f"index {index}":
        raise Bad("its index is not written plainly")
    tree = tree_key(receipt["key"], checkpoint)
    one_signature(checkpoint, 3)
    size, root = read_checkpoint(checkpoint, tree, check_signature)
    if not 0 <= index < size:
        raise Bad("the checkpoint does not cover the entry")
    check_inclusion({index: entry}, index, size, hashes_exactly(lines[2:]), root)

    parsed = json.loads(entry)
    canonical = '{{"v":1,"kind":"{kind}","hour":"{hour}","commitment":"{commitment}"}}'.format(**parsed)
    if canonical.encode() != entry or parsed["v"] != 1:
        raise Bad("its entry is not written in the one form that entries have")
    salt = bytes.fromhex(receipt["salt"])
    if salt.hex() != receipt["salt"] or len(salt) != 32:
        raise Bad("its salt is not 64 hexadecimal digits")
    if hashlib.sha256(salt + receipt["detail"].encode()).digest() != exactly(parsed["commitment"]):
        raise Bad("its detail is not the one that the entry commits to")

    outcome = None
    if "outcome" in receipt:
        text = signed_text(receipt["outcome"], tree, check_signature)
        one_signature(receipt["outcome"], 3)
        lines = text.split("\n")
        expected = "addendum " + base64.b64encode(leaf_hash(entry)).decode()
        if len(lines) != 4 or lines[0] != tree[0] or lines[1] != expected or lines[3] != "":
            raise Bad("its outcome speaks of another entry")
        outcome = json.loads(lines[2])
    return json.loads(receipt["detail"]), outcome, index, (size, root)


def check_kept(folder, receipt, index, checkpoint, check_signature):
    """The ledger in the folder begins with the tree that the receipt's checkpoint speaks of."""
    size, root = checkpoint
    note = read(folder / "checkpoint").decode()
    tree = tree_key(receipt["key"], receipt["proof"].partition("\n\n")[2])
    now, now_root = read_checkpoint(note, tree, check_signature)
    leaves = [leaf_hash(entry) for entry in read_entries(folder, now)]
    if tree_root(leaves) != now_root:
        raise Bad("the ledger's entries do not have its checkpoint's root")
    if now < size:
        raise Bad("the ledger is older than the receipt: get it anew")
    if tree_root(leaves[:size]) != root or leaves[index] != leaf_hash(receipt["entry"].encode()):
        raise Bad("the ledger has another past than the receipt: one of them was forged")


def follow(trusted, successions, check_signature):
    """The key that a trusted one has become."""
    key = trusted
    for note in successions:
        lines = note.split("\n")
        if lines[0] != "porchlight-ledger succession 1" or len(lines) != 7 or lines[3] or lines[6]:
            raise Bad("a succession of keys is not one")
        old, new = lines[1], lines[2]
        for one in (old, new):
            if signed_text(note, read_key(one), check_signature) != "\n".join(lines[:3]) + "\n":
                raise Bad("a succession of keys says more than it should")
        if old == key:
            key = new
    return key


def tree_key(key, checkpoint):
    """The name, id and public key of the tree that a checkpoint is of."""
    name, _, public = read_key(key)
    tree = checkpoint.split("\n")[0]
    number = tree.removeprefix(name + "/tree-")
    if tree != name and not (number.isdecimal() and tree == f"{name}/tree-{int(number)}" and int(number) > 1):
        raise Bad("its checkpoint is that of another ledger")
    key_id = hashlib.sha256(tree.encode() + b"\n\1" + public).digest()[:4]
    return tree, key_id, public


def signed_text(note, key, check_signature):
    name, key_id, public = key
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise Bad("a part of it is not a signed note")
    text += "\n"
    for line in signatures[:-1].split("\n"):
        dash, signer, signature = line.split(" ")
        signature = exactly(signature)
        if dash != "\u2014":
            raise Bad("a signature line does not begin with a dash")
        if signer == name and signature[:4] == key_id and check_signature(public, signature[4:], text.encode()):
            return text
    raise Bad("a part of it is not signed with its key")


def one_signature(note, lines):
    if note.count("\n") != lines + 2:
        raise Bad("it bears signatures that nobody could check")
    exactly(note.split(" ")[-1].rstrip("\n"))


def exactly(text):
    """Base64 has spellings that differ in bits nobody reads; only one is taken."""
    decoded = decode(text)
    if base64.b64encode(decoded).decode() != text:
        raise Bad("something is not written in plain base64")
    return decoded


def hashes_exactly(texts):
    for text in texts:
        exactly(text)
    return hashes(texts)


if __name__ == "__main__":
    sys.exit(main())
