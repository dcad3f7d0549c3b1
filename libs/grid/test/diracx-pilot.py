"""Takes a pilot's part for the tests of the diracx backend: runs the jobs of one house, as DiracX describes them.

Real are the JDL that DiracX made of ours, its way to unpack a sandbox, its object store and its state machine. Where
DIRAC's matcher hands a job out, this reads it from the server's database.
Arguments: url, database, prefix of JobName. Environment: TOKEN. Runs until it is killed.
"""

import base64, hashlib, io, json, os, shlex, signal, sqlite3, subprocess, sys, tarfile, tempfile, threading, time
import urllib.parse, urllib.request, zlib
from datetime import datetime, timezone

import requests
import zstandard
from DIRACCommon.Core.Utilities.ClassAd.ClassAdLight import ClassAd
from diracx.api.jobs import tarfile_open

url, database, prefix = sys.argv[1:]
session = requests.Session()
session.headers["Authorization"] = "Bearer " + os.environ.pop("TOKEN")


def ask(method, path, **options):
    response = session.request(method, url + "/api/jobs/" + path, timeout=60, **options)
    response.raise_for_status()
    return response.json() if response.content else None


def query(text, *values):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        return connection.execute(text, values).fetchall()
    finally:
        connection.close()


def status(job, name, **more):
    ask("PATCH", "status", json={job: {datetime.now(timezone.utc).isoformat(): {"Status": name, "Source": "JobWrapper", **more}}})


def fetch(pfn, directory):
    content = requests.get(ask("GET", "sandbox", params={"pfn": pfn})["url"], timeout=60).content
    with tarfile_open(io.BytesIO(content)) as archive:
        archive.extractall(directory)


def store(job, directory, names):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name in names:
            if os.path.exists(os.path.join(directory, name)):
                archive.add(os.path.join(directory, name), name)
    content = zstandard.compress(raw.getvalue())
    info = {"checksum_algorithm": "sha256", "checksum": hashlib.sha256(content).hexdigest(), "size": len(content), "format": "tar.zst"}
    answer = ask("POST", "sandbox", json=info)
    if answer.get("url"):
        requests.post(answer["url"], data=answer["fields"], files={"file": ("file", content)}, timeout=60).raise_for_status()
    ask("PATCH", f"{job}/sandbox/output", json=answer["pfn"])


def run(job):
    [[packed]] = query("select JDL from JobJDLs where JobID = ?", job)
    jdl = ClassAd(zlib.decompress(base64.b64decode(packed)).decode())
    for name in ("Checking", "Waiting", "Matched"):
        status(job, name)
    ask("PATCH", "metadata", json={job: {"Site": "LCG.Lab.org"}})
    status(job, "Running")
    with tempfile.TemporaryDirectory() as directory:
        for pfn in jdl.getListFromExpression("InputSandbox"):
            fetch(pfn, directory)
        command = [jdl.getAttributeString("Executable"), *shlex.split(jdl.getAttributeString("Arguments"))]
        with open(os.path.join(directory, "std.out"), "wb") as out, open(os.path.join(directory, "std.err"), "wb") as err:
            child = subprocess.Popen(command, cwd=directory, stdout=out, stderr=err, start_new_session=True, env={"PATH": os.environ["PATH"]})
        while child.poll() is None:
            if query("select Status from Jobs where JobID = ?", job) == [("Killed",)]:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                return
            time.sleep(0.1)
        code = child.returncode if child.returncode >= 0 else 128 - child.returncode
        store(job, directory, jdl.getListFromExpression("OutputSandbox"))
    if code == 0:
        status(job, "Done", MinorStatus="Execution Complete")
    else:
        status(job, "Failed", MinorStatus="Application Finished With Errors", ApplicationStatus=f"Exited With Status {code}")


def guarded(job):
    try:
        run(job)
    except Exception as error:
        # A job that is cancelled on its way is nobody's fault.
        print(job, error, file=sys.stderr)


# As with DIRAC's optimizers and pilots, some time goes by: DiracX locks nothing between reading a status and writing the
# next, and a job that is cancelled in the moment of its start may start all the same.
SECONDS_BEFORE = 3
seen, taken = {}, set()
while True:
    for [job] in query("select JobID from Jobs where Status = 'Received' and JobName like ?", prefix + "%"):
        if job not in taken and time.monotonic() - seen.setdefault(job, time.monotonic()) > SECONDS_BEFORE:
            taken.add(job)
            threading.Thread(target=guarded, args=(job,), daemon=True).start()
    time.sleep(0.1)
