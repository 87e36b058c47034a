"""What can be seen without Porchlight: files as they lie there, what `age` opens, what `ffprobe` recognises."""

import json
import subprocess

from .narrate import Trouble


def files_with(secret, *folders):
    """The files that hold these bytes anywhere."""
    return [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file() and secret in file.read_bytes()]


def payload(age_file):
    """An age file without its header, which ends with the line that starts with `--- `."""
    end = age_file.index(b"\n", age_file.index(b"\n--- ") + 1)
    return age_file[end + 1 :]


def opened_by_age(kit, file):
    opened = subprocess.run(["age", "-d", "-i", kit, file], capture_output=True, check=False)
    if opened.returncode != 0:
        raise Trouble(f"age does not open {file}: {opened.stderr.decode().strip()}")
    return opened.stdout


def film(file):
    """A film in words: its codec, size and length."""
    command = ["ffprobe", "-v", "error", "-print_format", "json", "-show_entries", "stream=codec_name,width,height:format=duration", file]
    probed = subprocess.run(command, capture_output=True, check=False)
    if probed.returncode != 0:
        raise Trouble(f"{file} is no film: {probed.stderr.decode().strip()}")
    found = json.loads(probed.stdout)
    picture = found["streams"][0]
    return f"{picture['codec_name']} film, {picture['width']}x{picture['height']}, {float(found['format']['duration']):.1f} seconds"
