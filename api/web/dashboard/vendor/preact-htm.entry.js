// Preact, its hooks, and htm bound to it, as one module.
import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
export { Component, Fragment, createContext, createRef, h, render } from "preact";
export {
  useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo,
  useReducer, useRef, useState,
} from "preact/hooks";
