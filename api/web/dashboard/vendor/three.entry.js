// What the page's 3D views use of three: the bundle has this and what it needs.
export {
  AmbientLight, BoxGeometry, BufferGeometry, CanvasTexture, Color, CylinderGeometry,
  DirectionalLight, EdgesGeometry, Float32BufferAttribute, Fog, GridHelper, Group,
  InstancedMesh, Line, LineBasicMaterial, LineSegments, Matrix4, Mesh,
  MeshBasicMaterial, MeshLambertMaterial, MeshStandardMaterial, Object3D,
  PerspectiveCamera, PlaneGeometry, QuadraticBezierCurve3, Quaternion, Raycaster, Scene,
  SphereGeometry, Sprite, SpriteMaterial, TubeGeometry, Vector2, Vector3, WebGLRenderer,
} from "three";
export { OrbitControls } from "three/addons/controls/OrbitControls.js";
