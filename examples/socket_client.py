"""A job's events over the WebSocket, cut off in the middle and resumed.

    python examples/socket_client.py [http://127.0.0.1:8000]

What is needed is in the frames: a topic, and the position to go on from. Any language
with WebSockets does it the same way.
"""

# %% What is needed: a service (`make up`), this client, and the library websockets
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from api.client import Client

URL = os.environ.get("SOLVEQUEUE_URL", "http://127.0.0.1:8000")
URL = next((word for word in sys.argv if word.startswith("http")), URL)
KEY = os.environ.get("SOLVEQUEUE_API_KEY")
SECONDS = float(os.environ.get("EXAMPLE_SECONDS", "5"))
ADDRESS = "ws" + URL.removeprefix("http") + "/v1/ws"


# %% A subscription: `init`, `subscribe`, then a snapshot and events
def events(job_id: str, position: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield events behind the position until the last one; keep it up to date."""
    with connect(ADDRESS, subprotocols=[Subprotocol("solve.v1")]) as socket:
        socket.send(json.dumps({"type": "init", **({"token": KEY} if KEY else {})}))
        topic = {"type": "subscribe", "id": "a", "topic": f"job:{job_id}", **position}
        socket.send(json.dumps(topic))
        for text in socket:
            frame = json.loads(text)
            if frame["type"] == "snapshot":
                print(f"-- all that is behind event {frame['sequence']}:")
            elif frame["type"] == "event":
                event: dict[str, Any] = frame["event"]
                position["after"] = int(event["sequence"])
                position["epoch"] = event["epoch"]
                yield event
            elif frame["type"] == "error":
                sys.exit(frame["message"])
            elif frame["type"] == "end":
                return


# %% Read three events, lose the connection, and read on: none is missing
with Client(URL, api_key=KEY) as client:
    job = client.submit_solve("sko49", limits={"time_s": SECONDS}, cache=False)
where: dict[str, Any] = {"after": 0}
numbers: list[int] = []
for least in (3, sys.maxsize):
    for event in events(job.id, where):
        numbers.append(int(event["sequence"]))
        what = event["data"].get("objective", "")
        print(f"{numbers[-1]:4} {event['type']:14} {what}", flush=True)
        if len(numbers) >= least:
            print("-- the connection is lost")
            break
is_whole = numbers == list(range(1, len(numbers) + 1))
print(f"{len(numbers)} events, {'none missing' if is_whole else 'some missing'}")
