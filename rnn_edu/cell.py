"""What all cells share: parameters with checked shapes, initial values, a zero state."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar, Self

import numpy as np

from .ops import Array, State, check_array, check_dtype, check_rng, check_size, map_params

_PIECE = 2**21  # bytes of gates: they and what is computed from them fit into a processor's cache


class Cell:
    """One step of a recurrent network, as a frozen dataclass of its parameters.

    A subclass writes down its equations twice: `step` as one reads them, and `sweep` over all
    T steps with everything that does not depend on h_{t-1} taken out of the loop. Each has a
    backward pass derived by hand. A cell has no state of its own: states go in and come out.

    A cell that does not feed h back has no W_hh: it says where it reads H from, and what its
    states look like where they are not (N, H).
    """

    G: ClassVar[int]  # gates side by side in the columns of W_xh
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    cache_type: ClassVar[type]  # the NamedTuple that `step` and `sweep` return
    in_pieces: ClassVar[bool] = False  # whether `_backward` may cut the sequence

    W_xh: Array  # (D, G*H)
    W_hh: Array  # (H, G*H)
    b_h: Array  # (G*H,)

    @classmethod
    def init(cls, D: int, H: int, rng: np.random.Generator, dtype: Any = np.float64) -> Self:
        """Draw all parameters from the uniform distribution on +-1/sqrt(H), as torch does.

        D: input size. H: hidden size. rng: where the numbers come from. dtype: float32 or float64.
        """
        return cls._drawn(D, H, rng, dtype)

    @classmethod
    def _drawn(cls, D: int, H: int, rng: np.random.Generator, dtype: Any, **sizes: int) -> Self:
        """`init`; sizes: those that the cell has besides D and H, by their names."""
        for name, size in ({"D": D, "H": H} | sizes).items():
            check_size(name, size)
        check_rng(rng)
        check_dtype(dtype)
        k, shapes = 1 / np.sqrt(H), cls._shapes(D, H, **sizes)
        return cls(*(rng.uniform(-k, k, shape).astype(dtype) for shape in shapes.values()))

    @classmethod
    def _shapes(cls, D: int, H: int) -> dict[str, tuple[int, ...]]:
        return {"W_xh": (D, cls.G * H), "W_hh": (H, cls.G * H), "b_h": (cls.G * H,)}

    def __post_init__(self) -> None:
        for f in fields(self):  # of any value: gradients, which may overflow, are cells too
            ndim = len(self._shapes(1, 1)[f.name])
            check_array(f.name, getattr(self, f.name), ("rows", "columns")[-ndim:], finite=False)
        shapes = self._own_shapes()
        for name in sorted(shapes, key="W_hh".__ne__):  # first the one that H is read from
            a, shape = getattr(self, name), shapes[name]
            if a.shape != shape:
                raise ValueError(
                    f"{name} must be {shape} for D={self.D}, H={self.H}, got {a.shape}"
                )
            if a.dtype != self.dtype:
                raise TypeError(f"{name} must be {self.dtype} like W_xh, got {a.dtype}")

    def _own_shapes(self) -> dict[str, tuple[int, ...]]:
        """What the shapes of all parameters must be, given those that the sizes are read from."""
        return self._shapes(self.D, self.H)

    def _state_shapes(self) -> dict[str, dict[str, int]]:
        """The sizes behind N of each state, by their names."""
        return {name: {"H": self.H} for name in self.state_names}

    @property
    def D(self) -> int:
        """Input size."""
        return self.W_xh.shape[0]

    @property
    def H(self) -> int:
        """Hidden size."""
        return self.W_hh.shape[0]

    @property
    def dtype(self) -> np.dtype:
        """The type of every parameter, and so of every result."""
        return self.W_xh.dtype

    @property
    def n_params(self) -> int:
        """How many numbers the cell learns; the number of time steps is not in it."""
        return sum(getattr(self, f.name).size for f in fields(self))  # type: ignore[arg-type]

    def zero_state(self, N: int) -> State:
        """The state before the first step: zeros, one array per name in `state_names`.

        N: sequences. Each is (N, H) unless the cell's own docstring says otherwise.
        """
        check_size("N", N)
        shapes = self._state_shapes()
        return tuple(np.zeros((N, *shapes[name].values()), self.dtype) for name in self.state_names)

    def check_state(self, name: str, state: Any, N: int, *, finite: bool = True) -> State:
        """Return `state` as a tuple of arrays in the cell's dtype, or say what is wrong with it.

        finite: False for gradients, as in `check_array`.
        """
        if not isinstance(state, tuple):
            raise TypeError(
                f"{name} must be a tuple {self._state_form()}, got {type(state).__name__}"
            )
        if len(state) != len(self.state_names):
            raise ValueError(f"{name} must be {self._state_form()}, got {len(state)} arrays")
        shapes = self._state_shapes()
        return tuple(
            check_array(
                f"{name}.{part}", a, (("N", N), *shapes[part].items()), self.dtype, finite=finite
            )
            for part, a in zip(self.state_names, state, strict=True)
        )

    def check_cache(self, name: str, cache: Any) -> Any:
        """Return `cache` if it comes from this kind of cell, or say what is wrong."""
        if not isinstance(cache, self.cache_type):
            raise TypeError(
                f"{name} must be {self.cache_type.__name__}, got {type(cache).__name__}"
            )
        return cache

    def _state_form(self) -> str:
        return f"({', '.join(self.state_names)}{',' if len(self.state_names) == 1 else ''})"

    def _check_step(self, x_t: Any, state: Any) -> tuple[Array, State]:
        x_t = check_array("x_t", x_t, ("N", ("D", self.D)), self.dtype)
        return x_t, self.check_state("state", state, len(x_t))

    def step(self, x_t: Array, state: State) -> tuple[State, Any]:
        """One turn of the loop; a subclass writes its equations here."""
        raise NotImplementedError(f"{type(self).__name__} must define step")

    def step_backward(self, dstate: State, cache: Any) -> tuple[Self, Array, State]:
        """The gradients of one step; a subclass derives them by hand."""
        raise NotImplementedError(f"{type(self).__name__} must define step_backward")

    def sweep(self, x: Array, state: State) -> tuple[Array, State, Any]:
        """T calls of `step`, one after the other: what every faster sweep must equal.

        x: (T, N, D). state: a tuple of (N, H). Returns h: (T, N, H), the last state, and the
        T caches stacked into one, (T, N, ...) each.
        """
        h, caches = [], []
        for x_t in x:
            state, cache = self.step(x_t, state)
            h.append(state[0])
            caches.append(cache)
        return np.stack(h), state, type(cache)(*(np.stack(a) for a in zip(*caches, strict=True)))

    def sweep_backward(self, dh: Array, dstate: State, caches: Any) -> tuple[Self, Array, State]:
        """T calls of `step_backward`, last step first; every step adds its term to the gradient.

        dh: (T, N, H). dstate: a tuple of (N, H), the gradient of the last state.
        Returns (grads, dx, dstate0), dx: (T, N, D), dstate0: a tuple of (N, H).
        """
        grads, dx = None, []
        for t in reversed(range(len(dh))):
            dstate = (dstate[0] + dh[t], *dstate[1:])  # what leaves at t, plus what comes from t+1
            step_grads, dx_t, dstate = self.step_backward(
                dstate, type(caches)(*(a[t] for a in caches))
            )
            grads = step_grads if grads is None else map_params(np.add, grads, step_grads)
            dx.append(dx_t)
        assert grads is not None  # T >= 1: checked by unroll
        return grads, np.stack(dx[::-1]), dstate

    def _backward(self, dh: Array, dstate: State, caches: Any) -> tuple[Self, Array, State]:
        """`sweep_backward`, if the cell is `in_pieces` piece by piece, the last one first.

        Nothing is truncated: the gradient of the state crosses each cut. What is computed for all
        steps of a piece at once fits into a processor's cache, and its memory is used again.
        """
        T, N, _ = dh.shape
        length = T
        if self.in_pieces:
            length = max(1, _PIECE // (N * self.G * self.H * self.dtype.itemsize))
        if length >= T:
            return self.sweep_backward(dh, dstate, caches)
        grads, dx = None, np.empty_like(caches.x)
        for start in reversed(range(0, T, length)):
            piece = slice(start, start + length)
            cut = type(caches)(*(a[piece] for a in caches))
            more, dx[piece], dstate = self.sweep_backward(dh[piece], dstate, cut)
            grads = more if grads is None else map_params(np.add, grads, more)
        assert grads is not None  # T > length
        return grads, dx, dstate

    def _project(self, x: Array, columns: slice = slice(None)) -> Array:
        """x W_xh + b_h for all T steps in one matrix product: (T, N, D) -> (T, N, G*H).

        columns: of W_xh, if not all of them.
        """
        T, N, D = x.shape
        a = x.reshape(T * N, D) @ self.W_xh[:, columns]
        a += self.b_h[columns]
        return a.reshape(T, N, -1)

    def _sum_over_time(self, x: Array, h_prev: Array, da: Array, da_h: Array) -> tuple[Array, ...]:
        """The gradients of W_xh, W_hh, b_h and x: each weight's is a sum with one term per step.

        x: (T, N, D). h_prev: (T, N, H). da: (T, N, G*H), the gradient where x W_xh + b_h enters.
        da_h: (T, N, G*H), the gradient where h_prev W_hh enters. The sum over t and n is what
        the inner dimension of one long matrix product does.
        """
        rows = x.shape[0] * x.shape[1]
        x2, h2, da2, da_h2 = (a.reshape(rows, -1) for a in (x, h_prev, da, da_h))
        return x2.T @ da2, h2.T @ da_h2, da2.sum(axis=0), (da2 @ self.W_xh.T).reshape(x.shape)


class KeyedCell(Cell):
    """A cell that writes values under keys and reads with queries: no W_hh, but a third size, K.

    W_xh: (D, H), for values. W_xk: (D, 2K), for query and key side by side.
    """

    W_xk: Array  # (D, 2K)

    @classmethod
    def init(
        cls,
        D: int,
        H: int,
        rng: np.random.Generator,
        dtype: Any = np.float64,
        K: int | None = None,
    ) -> Self:
        """Draw all parameters from the uniform distribution on +-1/sqrt(H), as every cell does.

        D: input size. H: width of a value. rng: where the numbers come from. dtype: float32 or
        float64. K: width of a key, H if None.
        """
        return cls._drawn(D, H, rng, dtype, K=H if K is None else K)

    def _own_shapes(self) -> dict[str, tuple[int, ...]]:
        return self._shapes(self.D, self.H, self.K)

    @property
    def H(self) -> int:
        """Width of a value, and of what is read."""
        return self.W_xh.shape[1]

    @property
    def K(self) -> int:
        """Width of a key."""
        return self.W_xk.shape[1] // 2


def check_cell(name: str, cell: Any) -> None:
    """Raise TypeError unless `cell` is a cell."""
    if not isinstance(cell, Cell):
        raise TypeError(f"{name} must be a cell, got {type(cell).__name__}")


def check_alike(name: str, cell: Any, other: str, wanted: Cell, sizes: str = "H") -> None:
    """Raise TypeError or ValueError unless `cell` has the kind, the sizes and the dtype wanted.

    name, other: what to call the two. sizes: "H" or "DH", those that must agree.
    """
    check_cell(name, cell)
    of_wanted, of_cell = (
        (type(c).__name__, *(f"{size}={getattr(c, size)}" for size in sizes), str(c.dtype))
        for c in (wanted, cell)
    )
    if of_wanted != of_cell:
        raise ValueError(
            f"{name} must be like {other}, {', '.join(of_wanted)}, got {', '.join(of_cell)}"
        )
