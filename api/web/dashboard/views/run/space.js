// The assignment in space: facilities over locations, arcs as wide as the flows.
// Locations lie in the plane so that their distances show (classical scaling).

import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import * as three from "../../vendor/three.js";
import { useResource } from "../../lib/hooks.js";
import { useSignal } from "../../lib/signal.js";
import { themeName } from "../../lib/theme.js";
import { prefersStill } from "../../lib/visible.js";
import { Card } from "../../parts/card.js";
import { colour } from "../../parts/chart.js";
import { Empty } from "../../parts/notice.js";
import { whenDrawn } from "./layout.js";
import { inThePlane } from "./plane.js";

const MOST_ARCS = 120;
const SPAN = 10;

export function Space({ instance, permutation }) {
  const resource = useResource(instance && permutation ? `v1/instances/${instance.sha256}/matrices` : null);
  if (!permutation) return html`<${Card} title="In space"><${Empty} title="No assignment yet.">${whenDrawn(instance)}<//><//>`;
  return html`<${Card} title="In space" note="facilities stand on their locations; the wider an arc, the more flows, of the 120 largest; drag to turn" resource=${resource} rows=${16}>
    ${resource.data && html`<${Scene} matrices=${resource.data} permutation=${permutation} />`}<//>`;
}

function Scene({ matrices, permutation }) {
  const place = useRef(null);
  const [failure, setFailure] = useState(null);
  const eye = useRef(new three.Vector3(0, 7.5, 10));
  const theme = useSignal(themeName);
  useEffect(() => {
    let renderer;
    try {
      renderer = new three.WebGLRenderer({ antialias: true });
    } catch (error) {
      setFailure(error);
      return undefined;
    }
    return show(renderer, place.current, matrices, permutation, eye.current);
  }, [matrices, permutation, theme]);
  if (failure) return html`<${Empty} title="This browser shows no 3D here.">WebGL is off or missing; the layout tab has the same in the plane.<//>`;
  return html`<div class="space-place" ref=${place} role="img" aria-label=${`${permutation.length} facilities on their locations, joined by arcs as wide as their flows`}></div>`;
}

/** Draw until what is returned is called, which frees all of it. */
function show(renderer, place, matrices, permutation, eye) {
  const scene = new three.Scene();
  scene.background = new three.Color(colour("sunken"));
  scene.add(new three.AmbientLight(0xffffff, 1.6));
  const sun = new three.DirectionalLight(0xffffff, 2);
  sun.position.set(4, 10, 6);
  scene.add(sun);
  build(scene, matrices, permutation);
  const camera = new three.PerspectiveCamera(45, 1, 0.1, 100);
  camera.position.copy(eye);
  const controls = new three.OrbitControls(camera, renderer.domElement);
  controls.enableDamping = false;
  const still = prefersStill();
  controls.autoRotate = !still;
  controls.autoRotateSpeed = 0.6;
  place.replaceChildren(renderer.domElement);
  const draw = () => renderer.render(scene, camera);
  const fit = () => {
    const [width, height] = [place.clientWidth, place.clientHeight];
    renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    renderer.setSize(width, height);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    draw();
  };
  const observer = new ResizeObserver(fit);
  observer.observe(place);
  controls.addEventListener("change", draw);
  if (!still) renderer.setAnimationLoop(() => { if (!document.hidden) controls.update(); });
  return () => {
    // Who has turned it finds it so with the next assignment.
    eye.copy(camera.position);
    observer.disconnect();
    renderer.setAnimationLoop(null);
    controls.dispose();
    scene.traverse((each) => { each.geometry?.dispose(); each.material?.dispose(); });
    renderer.dispose();
    renderer.forceContextLoss();
    place.replaceChildren();
  };
}

function build(scene, { flow, distance }, p) {
  const n = p.length;
  const at = inThePlane(distance, SPAN);
  const size = Math.min(0.6, (SPAN / Math.sqrt(n)) * 0.28);
  const matrix = new three.Matrix4();
  const discs = new three.InstancedMesh(new three.CylinderGeometry(size * 1.3, size * 1.3, 0.06, 24), new three.MeshLambertMaterial({ color: colour("line") }), n);
  const boxes = new three.InstancedMesh(new three.BoxGeometry(size, size, size), new three.MeshLambertMaterial({ color: colour("series-1") }), n);
  p.forEach((location, facility) => {
    const [x, z] = at[location];
    discs.setMatrixAt(facility, matrix.makeTranslation(x, 0, z));
    boxes.setMatrixAt(facility, matrix.makeTranslation(x, 0.03 + size / 2, z));
  });
  scene.add(discs, boxes);
  const material = new three.MeshLambertMaterial({ color: colour("series-2"), transparent: true, opacity: 0.75 });
  const pairs = largestFlows(flow);
  const most = pairs[0]?.flow ?? 1;
  for (const pair of pairs) {
    const [from, to] = [pair.i, pair.j].map((facility) => new three.Vector3(at[p[facility]][0], size, at[p[facility]][1]));
    const top = from.clone().add(to).multiplyScalar(0.5);
    top.y += 0.4 + from.distanceTo(to) * 0.35;
    const arc = new three.QuadraticBezierCurve3(from, top, to);
    scene.add(new three.Mesh(new three.TubeGeometry(arc, 20, Math.max(0.012, (size * 0.28 * pair.flow) / most), 6), material));
  }
}

/** The pairs with the largest flows, both ways together; more arcs than these hide each other. */
function largestFlows(flow) {
  const pairs = [];
  for (let i = 0; i < flow.length; i += 1) {
    for (let j = i + 1; j < flow.length; j += 1) {
      const both = Math.abs(Number(flow[i][j])) + Math.abs(Number(flow[j][i]));
      if (both > 0) pairs.push({ i, j, flow: both });
    }
  }
  return pairs.sort((a, b) => b.flow - a.flow).slice(0, MOST_ARCS);
}
