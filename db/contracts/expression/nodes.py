"""The tree of an expression: six kinds of nodes, and nothing else can be in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A literal, by its text: ``0.1`` is one tenth exactly."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """The name of a known constant."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """The name of a variable that was declared."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Negate:
    """A minus sign before something."""

    operand: "Node"
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Binary:
    """One of ``+ - * / **`` between two nodes."""

    operator: str
    left: "Node"
    right: "Node"
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A known function, with as many arguments as it takes."""

    function: str
    arguments: tuple["Node", ...]
    start: int
    end: int


Node = Number | Constant | Variable | Negate | Binary | Call


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that has passed every check.

    ``steps`` has each node after those that it is made of, the root last, and equal
    parts of the text once: whoever computes goes along it, without recursion.
    """

    source: str
    root: Node
    steps: tuple[Node, ...]

    @property
    def variables(self) -> frozenset[str]:
        """The names of the variables that occur."""
        return frozenset(node.name for node in self.steps if isinstance(node, Variable))

    @property
    def functions(self) -> frozenset[str]:
        """The names of the functions that are called."""
        return frozenset(node.function for node in self.steps if isinstance(node, Call))

    def text(self, node: Node) -> str:
        """Return the part of the source that the node was read from."""
        return self.source[node.start : node.end]
