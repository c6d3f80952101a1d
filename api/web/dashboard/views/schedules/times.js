// Times that are still to come, in words.

import { NONE, duration } from "../../lib/format.js";

/** How far ahead a time is: "in 4 s". */
export function ahead(time, now = Date.now()) {
  if (!time) return NONE;
  const seconds = (Date.parse(time) - now) / 1000;
  return seconds < 1 ? "now" : `in ${duration(seconds)}`;
}

/** A moment by the clock of a place: "Mon 23 Nov 2026, 02:30:00". */
export function inZone(time, zone) {
  const options = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone ?? "UTC" }).format(new Date(time));
  } catch {
    // A zone that the service knows and this browser does not.
    return `${new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(new Date(time))} UTC`;
  }
}

/** When a schedule is due, in words. */
export const rule = (schedule) => (schedule.cron ? `${schedule.cron} (${schedule.time_zone ?? "UTC"})` : `every ${duration(schedule.every_s)}`);
