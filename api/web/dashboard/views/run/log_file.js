// A log as a file: written to the byte as the service has it, read back and checked. Pure.

import { parse } from "../../lib/numbers.js";

/**
 * The events of NDJSON text. Throws an Error whose message names the line where the text
 * is not a log, or where a number is missing or out of turn.
 */
export function readLog(text) {
  const events = [];
  let [epoch, number, subject] = [null, 0, null];
  text.split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    const place = `Line ${index + 1}`;
    let event;
    try {
      event = parse(line);
    } catch {
      throw new Error(`${place} is not JSON: the file was cut or changed there.`);
    }
    if (typeof event?.type !== "string" || !/^\d+$/.test(event.sequence ?? "") || typeof event.data !== "object" || event.data === null) {
      throw new Error(`${place} is not an event of a log.`);
    }
    if (subject !== null && event.subject !== subject) throw new Error(`${place} is of another job: ${event.subject}.`);
    const told = Number(event.sequence);
    if (event.epoch !== epoch) [epoch, number] = [event.epoch, events.length === 0 ? told - 1 : 0];
    if (told !== number + 1) throw new Error(`${place} has the number ${told}; ${number + 1} was to come. Lines are missing or out of order.`);
    [number, subject] = [told, event.subject];
    events.push(event);
  });
  if (events.length === 0) throw new Error("The file has no events.");
  return events;
}

const TERMINAL = new Set(["job.succeeded", "job.failed", "job.cancelled", "job.expired", "batch.completed", "benchmark.completed"]);

/** What is not in the events of a log that read without fault, in words. */
export function missing(events) {
  const first = Number(events[0].sequence);
  const [begins, ends] = [first === 1, TERMINAL.has(events.at(-1).type)];
  if (begins && ends) return "whole: from the first to the last, none missing";
  return [!begins && `its first ${first - 1} are missing`, !ends && "its end is missing, or had not come yet"].filter(Boolean).join(", and ");
}
