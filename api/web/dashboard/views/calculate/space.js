// The 3D view itself: loaded with three when somebody opens it, and gone when they leave.

import {
  AmbientLight, BoxGeometry, BufferGeometry, CanvasTexture, Color, DirectionalLight, EdgesGeometry, Float32BufferAttribute,
  GridHelper, Group, Line, LineBasicMaterial, LineSegments, Mesh, MeshLambertMaterial, OrbitControls, PerspectiveCamera,
  Scene, Sprite, SpriteMaterial, WebGLRenderer,
} from "../../vendor/three.js";
import { colour } from "../../parts/chart.js";
import { isLive, prefersStill } from "../../lib/visible.js";
import { LEVELS, cube as cubeOf } from "./surface.js";

const WIDTH = 10;
const DEPTH = 7;
const HEIGHT = 3.4;
const BOTH_SIDES = 2;
const FRAME_MS = 50;

/** A view in `place`: { show(surface, current, kind), resize(), paint(), dispose() }. Throws without WebGL. */
export function makeSpace(place) {
  const renderer = new WebGLRenderer({ antialias: true, alpha: true });
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  place.append(renderer.domElement);
  const scene = new Scene();
  const camera = new PerspectiveCamera(38, 1, 0.1, 100);
  camera.position.set(7.5, 7, 13.5);
  const controls = new OrbitControls(camera, renderer.domElement);
  controls.enablePan = false;
  controls.minDistance = 6;
  controls.maxDistance = 30;
  controls.target.set(0, 0.3, 0);
  controls.update();
  const sun = new DirectionalLight(0xffffff, 1.6);
  sun.position.set(4, 10, 6);
  scene.add(new AmbientLight(0xffffff, 1.5), sun);
  const isStill = prefersStill();
  let content = new Group();
  let box = null;
  let frame = null;
  let isGone = false;
  scene.add(content);

  const paint = () => {
    if (isGone || frame !== null) return;
    frame = requestAnimationFrame(() => {
      frame = null;
      if (!isGone) renderer.render(scene, camera);
    });
  };
  controls.addEventListener("change", paint);
  // The box turns while it is seen, in no more frames than that needs.
  let isSeen = true;
  const seen = new IntersectionObserver(([entry]) => { isSeen = entry.isIntersecting; });
  seen.observe(place);
  const turning = isStill ? null : setInterval(() => {
    if (box === null || !isSeen || !isLive.value) return;
    box.rotation.y += 0.03;
    paint();
  }, FRAME_MS);

  const resize = () => {
    const { clientWidth: width, clientHeight: height } = place;
    if (!width || !height) return;
    renderer.setSize(width, height);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    paint();
  };

  return {
    resize,
    paint,
    show(surface, current, kind) {
      clear(content);
      scene.remove(content);
      content = new Group();
      content.add(floor());
      if (surface) content.add(...landscape(surface), ...words(surface, kind));
      const stood = current ? cubeAt(surface, current) : null;
      box = stood?.box ?? null;
      if (stood) content.add(stood.group);
      scene.add(content);
      paint();
    },
    dispose() {
      isGone = true;
      clearInterval(turning);
      seen.disconnect();
      cancelAnimationFrame(frame);
      clear(content);
      controls.dispose();
      renderer.dispose();
      renderer.forceContextLoss();
      renderer.domElement.remove();
    },
  };
}

const xOf = (share) => (share - 0.5) * WIDTH;
/** Few digits lie in front, where their steps are seen. */
const zOf = (digits) => (0.5 - (digits - 1) / (LEVELS - 1)) * DEPTH;
const yOf = ({ low, high }, value) => (high === low ? 0 : ((value - low) / (high - low) - 0.5) * HEIGHT);

function floor() {
  const grid = new GridHelper(WIDTH, 10, new Color(colour("muted")), new Color(colour("line")));
  grid.position.y = -HEIGHT / 2 - 0.05;
  grid.scale.z = DEPTH / WIDTH;
  return grid;
}

/** The sheet, coloured by level as the cube is, and a line for each level upon it. */
function landscape(surface) {
  const { points, heights } = surface;
  const across = points.length;
  const places = [];
  const shades = [];
  const faces = [];
  const tint = new Color();
  heights.forEach((row, level) => row.forEach((value, at) => {
    places.push(xOf(at / (across - 1)), value === null ? 0 : yOf(surface, value), zOf(level + 1));
    tint.setHSL((level + 1) / LEVELS % 1, 0.55, 0.55);
    shades.push(tint.r, tint.g, tint.b);
  }));
  const isThere = (level, at) => heights[level][at] !== null;
  for (let level = 0; level + 1 < heights.length; level += 1) {
    for (let at = 0; at + 1 < across; at += 1) {
      if (!isThere(level, at) || !isThere(level, at + 1) || !isThere(level + 1, at) || !isThere(level + 1, at + 1)) continue;
      const [a, b] = [level * across + at, (level + 1) * across + at];
      faces.push(a, b, a + 1, b, b + 1, a + 1);
    }
  }
  const shape = new BufferGeometry();
  shape.setAttribute("position", new Float32BufferAttribute(places, 3));
  shape.setAttribute("color", new Float32BufferAttribute(shades, 3));
  shape.setIndex(faces);
  shape.computeVertexNormals();
  const sheet = new Mesh(shape, new MeshLambertMaterial({ vertexColors: true, side: BOTH_SIDES, flatShading: true }));
  const lines = heights.flatMap((row, level) => runs(row).map((run) => {
    const line = new BufferGeometry();
    line.setAttribute("position", new Float32BufferAttribute(run.flatMap((at) => [xOf(at / (across - 1)), yOf(surface, row[at]) + 0.015, zOf(level + 1)]), 3));
    return new Line(line, new LineBasicMaterial({ color: new Color(colour("ink")), transparent: true, opacity: 0.35 }));
  }));
  return [sheet, ...lines];
}

/** The stretches of a row without a gap, as lists of places in it. */
function runs(row) {
  const found = [[]];
  row.forEach((value, at) => (value === null ? found.push([]) : found.at(-1).push(at)));
  return found.filter((run) => run.length > 1);
}

function cubeAt(surface, { value, digits, input, height }) {
  const { size, hue } = cubeOf(value, digits);
  const shape = new BoxGeometry(size, size, size);
  const box = new Mesh(shape, new MeshLambertMaterial({ color: new Color().setHSL(hue, 0.7, 0.5) }));
  box.add(new LineSegments(new EdgesGeometry(shape), new LineBasicMaterial({ color: new Color(colour("ink")) })));
  const group = new Group();
  group.add(box);
  const first = surface?.points[0];
  const last = surface?.points.at(-1);
  const share = surface && last !== first ? (input - first) / (last - first) : null;
  const isOver = share !== null && share >= 0 && share <= 1 && height !== null;
  // Beside the surface where its input is not among the points.
  if (!surface) box.position.set(0, 0, 0);
  else if (isOver) box.position.set(xOf(share), yOf(surface, height) + size / 2 + 0.6, zOf(Math.min(digits, LEVELS)));
  else box.position.set(WIDTH / 2 + size, 0, 0);
  if (isOver) {
    const stem = new BufferGeometry();
    stem.setAttribute("position", new Float32BufferAttribute([box.position.x, yOf(surface, height), box.position.z, box.position.x, box.position.y - size / 2, box.position.z], 3));
    group.add(new Line(stem, new LineBasicMaterial({ color: new Color(colour("ink")) })));
  }
  return { group, box };
}

function words(surface, kind) {
  const name = (value) => (Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(1) : String(Number(value.toPrecision(4))));
  const low = -HEIGHT / 2;
  const tall = (value) => (kind === "result" ? name(value) : `10^${Math.round(value)}`);
  return [
    label(`x = ${name(surface.points[0])}`, xOf(0), low, DEPTH / 2 + 0.8),
    label(`x = ${name(surface.points.at(-1))}`, xOf(1), low, DEPTH / 2 + 0.8),
    label("1 digit", xOf(1) + 1.5, low, zOf(1) - 0.6),
    label("15 digits", xOf(1) + 1.5, low, zOf(LEVELS)),
    label(tall(surface.high), xOf(0) - 1.2, HEIGHT / 2, zOf(LEVELS)),
    label(tall(surface.low), xOf(0) - 1.2, low + 0.15, zOf(LEVELS)),
  ];
}

function label(text, x, y, z) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 64 });
  const context = canvas.getContext("2d");
  context.font = "600 36px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = colour("ink");
  context.fillText(text, 160, 32);
  const sprite = new Sprite(new SpriteMaterial({ map: new CanvasTexture(canvas), depthTest: false, transparent: true }));
  sprite.position.set(x, y, z);
  sprite.scale.set(3.6, 0.72, 1);
  return sprite;
}

function clear(group) {
  group.traverse((each) => {
    each.geometry?.dispose();
    each.material?.map?.dispose();
    each.material?.dispose();
  });
}
