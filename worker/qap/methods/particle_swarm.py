"""Discrete particle swarm."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.polished import PolishedSearch
from worker.qap.swarm_kernel import difference, move

_SHAKE = 4  # random swaps of a particle that does not move


@dataclass(slots=True, eq=False)
class Particle:
    """Where one of the swarm is, where it is heading, and what it remembers.

    Parameters
    ----------
    position
        Shape ``(n,)``, int64: a permutation.
    velocity
        Shape ``(k, 2)``, int64: facilities to be swapped, in turn.
    best
        Shape ``(n,)``: its best position so far.
    best_objective
        Of `best`.
    """

    position: IntVector
    velocity: AnyArray
    best: IntVector
    best_objective: float

    def arrive(self, position: IntVector, objective: float) -> None:
        """Be at `position`, and remember it if it is the best so far."""
        self.position = position
        if objective < self.best_objective:
            self.best, self.best_objective = position, objective


class ParticleSwarm(PolishedSearch):
    r"""Let permutations fly towards good ones, by swaps.

    A velocity is a sequence of swaps [1]_: a position minus another is the shortest
    sequence that leads from the latter to the former, a share of a velocity is its
    first swaps, a sum is one after the other. Each particle in turn follows

    .. math:: w\,v \oplus c_1 u_1 (own - x) \oplus c_2 u_2 (ring - x)

    with `own` the best position it has had itself, `ring` the best that it and its
    neighbours on a ring have had, and :math:`u` uniform in :math:`[0, 1)`. Each
    difference is taken from where the terms before it have led. A descent improves
    where it arrives. A particle that does not move, because all agree, takes some
    random swaps. When nothing better has been found for long, all particles begin
    anew at random and forget (the incumbent stays).

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: where the first particle starts, before its descent;
        copied.
    particles
        How many.
    neighbours
        How many a particle listens to on either side of the ring.
    inertia
        The share :math:`w` of its velocity that a particle keeps.
    own, ring
        The attractions :math:`c_1, c_2`; a share above 1 counts as 1.
    patience
        After how many rounds of the swarm without improvement it begins anew.
    sweeps
        How often a descent may weigh every swap.

    Notes
    -----
    An iteration is one move of one particle: :math:`O(n)` time to move,
    :math:`O(n^3)` a sweep. A velocity is cut after :math:`n` swaps.
    :math:`O(n^2 + m n)` space for :math:`m` particles.

    References
    ----------
    .. [1] M. Clerc, "Discrete particle swarm optimization, illustrated by the
       traveling salesman problem," in *New Optimization Techniques in Engineering*,
       Springer (2004) 219-239, doi:10.1007/978-3-540-39930-8_8.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = METHOD.start(instance, np.random.default_rng(1))
    >>> search.advance(9), search.objective
    (9, 56)
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        particles: int,
        neighbours: int,
        inertia: float,
        own: float,
        ring: float,
        patience: int,
        sweeps: float,
    ) -> None:
        super().__init__(instance, rng, permutation, sweeps=sweeps)
        self.swarm: list[Particle] = []
        self._size = particles
        self._reach = range(-neighbours, neighbours + 1)
        self._inertia = inertia
        self._own = own
        self._ring = ring
        self._patience = patience
        self._swaps = np.zeros((instance.order, 2), dtype=np.int64)

    @override
    def portions(self) -> Iterator[int]:
        """Fly for ever.

        Yields
        ------
        int
            1 for each move of a particle, and for each start of one.
        """
        start = self.permutation
        while True:
            yield from self._gather(start)
            stalled = 0
            while stalled < self._patience:
                before = self._leader().best_objective
                for place, particle in enumerate(self.swarm):
                    arrived = self._moved(place, particle)
                    particle.arrive(*(yield from self.polish(arrived)))
                    yield 1
                stalled = 0 if self._leader().best_objective < before else stalled + 1
            start = self.rng.permutation(start.size)

    def _gather(self, start: IntVector) -> Iterator[int]:
        """Begin with a swarm at rest: one particle at `start`, the others anywhere."""
        self.swarm = []
        for _ in range(self._size):
            position, value = yield from self.polish(start)
            at_rest = self._swaps[:0].copy()
            self.swarm.append(Particle(position, at_rest, position, value))
            start = self.rng.permutation(start.size)
            yield 1

    def _leader(self) -> Particle:
        return min(self.swarm, key=lambda particle: particle.best_objective)

    def _moved(self, place: int, particle: Particle) -> IntVector:
        """Give the particle its next velocity; return where that leads."""
        position = particle.position.copy()
        kept = particle.velocity[: int(self._inertia * len(particle.velocity))]
        move(position, kept)
        own = self._attracted(position, particle.best, self._own)
        ring = self._attracted(position, self._best_near(place).best, self._ring)
        particle.velocity = np.concatenate((kept, own, ring))[: position.size]
        if (position == particle.position).all():
            particle.velocity = self.rng.integers(position.size, size=(_SHAKE, 2))
            move(position, particle.velocity)
        return position

    def _attracted(self, position: IntVector, goal: IntVector, pull: float) -> AnyArray:
        """Move `position` a random share of the way to `goal`; return the swaps."""
        order = self.rng.permutation(position.size)
        count = difference(position, goal, order, self._swaps)
        share = min(1.0, pull * self.rng.random())
        swaps = self._swaps[: int(share * count)].copy()
        move(position, swaps)
        return swaps

    def _best_near(self, place: int) -> Particle:
        near = (self.swarm[(place + step) % self._size] for step in self._reach)
        return min(near, key=lambda particle: particle.best_objective)


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> ParticleSwarm:
    return ParticleSwarm(
        instance,
        rng,
        permutation,
        particles=int(parameters["particles"]),
        neighbours=int(parameters["neighbours"]),
        inertia=parameters["inertia"],
        own=parameters["own"],
        ring=parameters["ring"],
        patience=int(parameters["patience"]),
        sweeps=parameters["sweeps"],
    )


METHOD = Method(
    name="particle_swarm",
    title="Discrete particle swarm",
    summary="Moves permutations by swaps towards the best of their own and near ones.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="particles",
            minimum=1,
            maximum=500,
            default=20,
            description="Particles; more converge later, and to something better.",
            is_integer=True,
        ),
        Parameter(
            name="neighbours",
            minimum=0,
            maximum=250,
            default=2,
            description="Particles listened to on either side; more agree sooner.",
            is_integer=True,
        ),
        Parameter(
            name="inertia",
            minimum=0,
            maximum=1,
            default=0.3,
            description="Share of its velocity that a particle keeps; more carries "
            "it past what attracts it.",
        ),
        Parameter(
            name="own",
            minimum=0,
            maximum=4,
            default=0.5,
            description="Attraction of its own best; more returns to it sooner.",
        ),
        Parameter(
            name="ring",
            minimum=0,
            maximum=4,
            default=1,
            description="Attraction of the best near by; more agree sooner.",
        ),
        Parameter(
            name="patience",
            minimum=1,
            maximum=10_000,
            default=30,
            description="Rounds of the swarm without improvement before it begins "
            "anew; more search longer nearby.",
            is_integer=True,
        ),
        Parameter(
            name="sweeps",
            minimum=0,
            maximum=100,
            default=100,
            description="How often a descent may weigh every swap; 0 leaves "
            "positions as they are, more go on to a local optimum.",
        ),
    ),
    complexity_time="O(n^3) a sweep over one permutation",
    complexity_space="O(n^2 + particles n)",
    category="population",
    best_for=("short runs on small and middling instances",),
    reference="Clerc 2004, doi:10.1007/978-3-540-39930-8_8",
    begin=_begin,
)
