// What happens, as it happens: one socket for the whole page, to /v1/ws (solve.v1).
// Each subscription knows its position and goes on from there after any interruption.

import { ROOT } from "./http.js";
import { parse } from "./numbers.js";
import { apiKey, askForKey } from "./session.js";
import { Signal } from "./signal.js";
import { isLive } from "./visible.js";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
const UNAUTHENTICATED = 4401;
const TOO_MANY = 4429;

/** { open: whether events come in, since: when that began }. */
export const connection = new Signal({ open: false, since: Date.now() });

const subscriptions = new Map();
let socket = null;
let waitMs = FIRST_WAIT_MS;
let timer = null;
let lastId = 0;

/**
 * Follow a topic ("job:{id}", "batch:{id}", "benchmark:{id}", "jobs", a channel).
 *
 * `after` and `epoch` are a position to go on from. Calls, each if given:
 * `onSnapshot(state, { recovered })`, `onEvent(event)`, `onEnd()`, `onError(problem)`.
 * Returns what ends it.
 */
export function follow(topic, { after, epoch, types, ...calls }) {
  const id = `s${++lastId}`;
  const subscription = { id, topic, types, calls, position: after === undefined ? null : { after, epoch } };
  subscriptions.set(id, subscription);
  if (socket?.readyState === WebSocket.OPEN && connection.value.open) sendSubscribe(subscription);
  else connect();
  return () => {
    if (!subscriptions.delete(id)) return;
    send({ type: "unsubscribe", id });
    if (subscriptions.size === 0) hangUp();
  };
}

function connect() {
  if (socket || timer || !isLive.value || subscriptions.size === 0) return;
  const url = new URL("v1/ws", ROOT);
  url.protocol = url.protocol.replace("http", "ws");
  const opened = new WebSocket(url, "solve.v1");
  socket = opened;
  opened.onopen = () => send({ type: "init", ...(apiKey.value ? { token: apiKey.value } : {}) });
  opened.onmessage = (message) => {
    if (socket === opened) receive(parse(message.data));
  };
  opened.onclose = ({ code }) => {
    if (socket !== opened) return;
    socket = null;
    tell(false);
    if (code === UNAUTHENTICATED) askForKey();
    else connectLater(code === TOO_MANY ? LONGEST_WAIT_MS : waitMs);
  };
}

function connectLater(ms) {
  if (timer || subscriptions.size === 0) return;
  // Spread out, or all pages come back in the same moment after a restart.
  const spread = ms * (0.5 + Math.random());
  timer = setTimeout(() => {
    timer = null;
    connect();
  }, spread);
  waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
}

function hangUp() {
  clearTimeout(timer);
  timer = null;
  const closing = socket;
  socket = null;
  closing?.close();
  tell(false);
}

function tell(open) {
  if (connection.value.open !== open) connection.value = { open, since: Date.now() };
}

function send(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function sendSubscribe({ id, topic, types, position }) {
  send({ type: "subscribe", id, topic, ...(types ? { types } : {}), ...(position ?? {}) });
}

function receive(frame) {
  if (frame.type === "ready") {
    waitMs = FIRST_WAIT_MS;
    tell(true);
    subscriptions.forEach(sendSubscribe);
    return;
  }
  const subscription = subscriptions.get(frame.id);
  if (!subscription) return;
  const { calls } = subscription;
  if (frame.type === "snapshot") {
    move(subscription, frame.sequence, frame.epoch);
    calls.onSnapshot?.(frame.state, { recovered: frame.recovered });
  } else if (frame.type === "event") {
    move(subscription, Number(frame.event.sequence), frame.event.epoch);
    calls.onEvent?.(frame.event);
  } else if (frame.type === "end") {
    subscriptions.delete(frame.id);
    calls.onEnd?.();
    if (subscriptions.size === 0) hangUp();
  } else if (frame.type === "error") {
    calls.onError?.(frame);
  }
}

// The topic "jobs" has no log of its own: its numbers are those of many jobs.
function move(subscription, after, epoch) {
  if (subscription.topic !== "jobs" && after !== undefined && epoch) subscription.position = { after, epoch };
}

// A tab that nobody sees holds no socket; seen again it goes on where it was.
isLive.listen((live) => (live ? connect() : hangUp()));
apiKey.listen(() => {
  hangUp();
  connect();
});
