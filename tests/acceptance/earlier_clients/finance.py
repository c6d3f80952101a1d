"""A client as a user of the earlier finance server wrote it, from what that documented.

It follows two channels, asks for a net present value and a return on investment, waits
for both, leaves the channels and goes. Do not adapt it to a server.
"""

import asyncio
import json
import sys

import websockets

NPV = {
    "cash_flows": [100000, 120000, 140000, 160000, 180000],
    "discount_rate": 0.10,
    "initial_investment": 500000,
}
ROI = {
    "initial_investment": 1000000,
    "annual_cash_flows": [300000, 350000, 400000, 450000, 500000],
    "annual_operating_costs": [50000, 55000, 60000, 65000, 70000],
    "risk_level": "Medium",
    "discount_rate": 0.10,
    "num_employees": 100,
    "avg_salary": 75000,
    "productivity_gain_pct": 0.15,
}


async def main(url):
    seen, results = [], {}
    async with websockets.connect(url, proxy=None) as socket:

        async def receive():
            message = json.loads(await socket.recv())
            seen.append(message["type"])
            return message

        async def until(kind, **wanted):
            while True:
                message = await receive()
                if message["type"] in ("error", "calculation_error"):
                    raise RuntimeError(message["message"])
                if message["type"] == kind and wanted.items() <= message.items():
                    return message

        for channel in ("market_data", "calculations"):
            await socket.send(json.dumps({"type": "subscribe", "channel": channel}))
            await until("subscribed", channel=channel)
        wishes = (("npv", NPV), ("comprehensive_roi", ROI))
        for name, parameters in wishes:
            await socket.send(
                json.dumps(
                    {
                        "type": "calculate",
                        "calculation_id": f"my-{name}",
                        "calculation_type": name,
                        "parameters": parameters,
                    }
                )
            )
        while len(results) < len(wishes):
            done = await until("calculation_complete")
            results[done["calculation_id"]] = done["result"]
        for channel in ("market_data", "calculations"):
            await socket.send(json.dumps({"type": "unsubscribe", "channel": channel}))
            await until("unsubscribed", channel=channel)
    return {"seen": seen, "results": results}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))
