#!/usr/bin/python3
"""A camera made of software: offers a film over RTSP on the loopback address, for tests and demonstrations.

    stand-in-camera.py                          a test picture, 1280x720, 15 frames a second
    stand-in-camera.py --sound                  the same with a tone
    stand-in-camera.py FILM.mp4 --size 1920x1080
    stand-in-camera.py --user porch --password secret --path front

Once it is ready it prints its address, one line, without user and password. It runs until it is interrupted or terminated,
with --attached until its standard input closes, and then removes the folder with its film. Every viewer gets the film from
its start; when the film is over the stream ends, as when a camera restarts.

Needs from Debian: ffmpeg python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-rtsp-server-1.0
gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
except (ImportError, ValueError) as missing:
    sys.exit(f"stand-in-camera: GStreamer is not complete ({missing}); install the packages that --help lists")

SECONDS_BETWEEN_KEY_FRAMES = 2
SECONDS_ENCODED = 20  # Encoding is slow and repeating is not: a short reel is encoded, then repeated to the full length.
VIEWER = "viewer"


def main():
    wish = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="stand-in-camera-") as folder:
        film = make_film(folder, wish)
        Gst.init(None)
        loop = GLib.MainLoop()
        server = open_server(film, wish)
        quit_when_told(loop, wish.attached)
        print(f"rtsp://127.0.0.1:{server.get_bound_port()}/{wish.path}", flush=True)
        loop.run()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", nargs="?", metavar="FILM", help="a video file; without one, a test picture is made")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--path", default="cam")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--basic", action="store_true", help="ask for the password in the clear instead of by digest")
    parser.add_argument("--size", default="1280x720", metavar="WxH")
    parser.add_argument("--fps", type=int, default=15)
    parser.add_argument("--minutes", type=float, default=10, help="how long the film lasts, by repeating it")
    parser.add_argument("--sound", action="store_true", help="offer sound too (AAC)")
    parser.add_argument("--codec", choices=["h264", "h265"], default="h264")
    parser.add_argument("--b-frames", type=int, default=0, metavar="N", help="let pictures be sent out of order")
    parser.add_argument("--attached", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def make_film(folder, wish):
    """Encodes one reel and repeats it, both in the folder; gives the path of the whole film."""
    width, height = wish.size.split("x")
    once = min(SECONDS_ENCODED, wish.minutes * 60)
    reel, film = os.path.join(folder, "reel.mp4"), os.path.join(folder, "film.mp4")
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
    if wish.film:
        command += ["-t", str(once), "-i", wish.film]
        command += ["-vf", f"scale={width}:{height},fps={wish.fps}"]
    else:
        command += ["-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate={wish.fps}:duration={once}"]
        command += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=16000:duration={once}"]
    command += ["-pix_fmt", "yuv420p", "-preset", "veryfast", "-g", str(SECONDS_BETWEEN_KEY_FRAMES * wish.fps)]
    command += ["-sc_threshold", "0"]  # Cameras send key frames by the clock, not by what they see.
    if wish.codec == "h264":
        command += ["-c:v", "libx264", "-bf", str(wish.b_frames)]
    else:
        command += ["-c:v", "libx265", "-x265-params", "log-level=error:bframes=0"]
    command += ["-c:a", "aac", "-ar", "16000", "-ac", "1"] if wish.sound else ["-an"]
    subprocess.run([*command, reel], check=True)
    repeats = max(0, round(wish.minutes * 60 / once) - 1)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-stream_loop", str(repeats), "-i", reel, "-c", "copy", film], check=True
    )
    return film


def open_server(film, wish):
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(wish.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(film, wish))
    if wish.user:
        server.set_auth(password_check(wish))
        factory.set_permissions(viewers_may_watch())
    server.get_mount_points().add_factory("/" + wish.path, factory)
    if server.attach(None) == 0:
        sys.exit(f"stand-in-camera: port {wish.port} is taken; choose another with --port")
    return server


def pipeline(film, wish):
    """The words of gst-launch: no transcoding, parameter sets with every key frame."""
    picture = f"{wish.codec}parse config-interval=-1 ! rtp{wish.codec}pay name=pay0 pt=96"
    words = f'filesrc location="{film}" ! qtdemux name=film film.video_0 ! queue ! {picture}'
    if wish.sound:
        words += " film.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97"
    return f"( {words} )"


def password_check(wish):
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", VIEWER)
    auth = GstRtspServer.RTSPAuth()
    if wish.basic:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(wish.user, wish.password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(wish.user, wish.password, token)
    return auth


def viewers_may_watch():
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(VIEWER, "media.factory.access", True)
    permissions.add_permission_for_role(VIEWER, "media.factory.construct", True)
    return permissions


def quit_when_told(loop, attached):
    for told in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, told, loop.quit)
    if attached:
        GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP | GLib.IOCondition.IN, lambda *_: loop.quit())


if __name__ == "__main__":
    main()
