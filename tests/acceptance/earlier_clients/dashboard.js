// A page's script as a user of the earlier servers wrote it, from what those documented.
// Plain WebSocket, no library. Do not adapt it to a server.

function dashboard(base, parameters, done) {
  const seen = {
    welcome: 0, connected: "", live_metrics: 0, clients: null,
    online: null, alerts: null, health: "", took: "", finished: "", errors: [],
  };
  const live = new WebSocket(base + "/ws/live");
  const desk = new WebSocket(base + "/ws");

  function check() {
    if (seen.live_metrics >= 2 && seen.online !== null && seen.health && seen.took) {
      live.close();
      desk.close();
      done(seen);
    }
  }

  live.onmessage = (event) => {
    const message = JSON.parse(event.data);
    switch (message.type) {
      case "connection_established":
        seen.connected = message.client_id;
        break;
      case "live_metrics":
        seen.live_metrics += 1;
        seen.clients = message.data.total_clients.toLocaleString();
        seen.rate = message.data.success_rate.toFixed(1) + "%";
        break;
      case "status_update":
        // One of the pages reads the fields of data, the other the flat ones.
        seen.online = message.data.system_metrics.online_count;
        seen.alerts = message.alert_count;
        break;
      case "system_health":
        seen.health = message.data.status + " " + message.data.uptime.toFixed(2);
        break;
      case "ping":
        live.send(JSON.stringify({ type: "pong" }));
        break;
    }
    check();
  };

  desk.onmessage = (event) => {
    const message = JSON.parse(event.data);
    switch (message.type) {
      case "welcome":
        seen.welcome = message.features.length;
        desk.send(JSON.stringify({ type: "subscribe_metrics" }));
        desk.send(JSON.stringify({
          type: "calculate", calculation_type: "solve", parameters: parameters,
        }));
        break;
      case "metrics_update":
        seen.total = message.data.total_calculations.toString();
        seen.average = message.data.average_processing_time_ms.toFixed(2) + " ms";
        seen.success = (message.data.success_rate * 100).toFixed(1) + "%";
        break;
      case "calculation_complete":
        seen.took = message.data.processing_time_ms.toFixed(2) + " ms";
        seen.finished = new Date(message.data.timestamp).toISOString();
        break;
      case "calculation_error":
      case "error":
        seen.errors.push(message.error || message.message);
        break;
    }
    check();
  };
}

if (typeof document === "undefined") {
  // Run by node: the address and the parameters are the arguments.
  const [base, parameters] = process.argv.slice(2);
  dashboard(base, JSON.parse(parameters), (seen) => {
    console.log(JSON.stringify(seen));
  });
} else {
  const query = new URLSearchParams(location.search);
  dashboard(query.get("base"), JSON.parse(query.get("parameters")), (seen) => {
    document.getElementById("seen").textContent = JSON.stringify(seen);
    document.title = "done";
  });
}
