"""What a project is worth, again with every tick of the market feed.

    python examples/npv_watch.py [http://127.0.0.1:8000]

The feed is simulated unless the service has a provider; it says which. A live
calculation is a job with each tick; its ends come over the WebSocket `/ws`.
"""

# %% What is needed: a service (`make up`), this client, and the library websockets
import json
import os
import sys

from websockets.sync.client import connect

from api.client import Client

URL = os.environ.get("SOLVEQUEUE_URL", "http://127.0.0.1:8000")
URL = next((word for word in sys.argv if word.startswith("http")), URL)
KEY = os.environ.get("SOLVEQUEUE_API_KEY")
TICKS = int(os.environ.get("EXAMPLE_TICKS", "12"))  # one comes every ten seconds

# %% The project: its discount rate is the market's
PROJECT = {
    "calculation_type": "npv",
    "parameters": {
        "initial_investment": 300_000,
        "cash_flows": [100_000, 120_000, 140_000],
    },
    "bindings": {"/discount_rate": "discount_rate"},
}

# %% Watched: `npv` of each tick, and how it has changed
headers = {"Authorization": f"Bearer {KEY}"} if KEY else {}
address = "ws" + URL.removeprefix("http") + "/ws"
rate, told, live_id = float("nan"), 0, ""
with (
    Client(URL, api_key=KEY) as client,
    connect(address, additional_headers=headers) as ws,
):
    ws.send(json.dumps({"type": "subscribe", "channel": "market_data"}))
    ws.send(json.dumps({"type": "calculate", "live": True, **PROJECT}))
    try:
        while told < TICKS:
            frame = json.loads(ws.recv())
            if frame["type"] == "calculation_live":
                live_id = frame["live"]
                print(f"{live_id} follows {', '.join(frame['bindings'].values())}")
            elif frame["type"] == "market_update":
                rate = frame["data"]["discount_rate"]
                print(f"  market: discount rate {rate:.4%} ({frame['source']})")
            elif frame["type"] == "calculation_error":
                sys.exit(f"{frame['error']} {frame.get('suggestion', '')}")
            elif frame["type"] == "calculation_complete":
                told += 1
                change = frame.get("change") or 0
                arrow = "▲" if change > 0 else "▼" if change < 0 else "•"
                print(
                    f"{frame['timestamp'][11:19]}  NPV {frame['value']:12,.2f} "
                    f"{arrow} {change:+,.2f}",
                    flush=True,
                )
    finally:
        if live_id:
            client.live_calculations.delete(live_id)
