"""The kernels of pages: how many there may be, which of them broke down, and what they may say to a browser."""

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

UNTOLD = frozenset({"stream", "error", "execute_input"})
"""What a kernel prints, and why a cell failed or what it was: traces, paths of files and names stand there."""


class Kernels(AsyncMappingKernelManager):
    """Jupyter's, which also remembers the kernels that ended by themselves, and those that it is ending."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.broken: set[str] = set()
        self._ending: set[str] = set()

    async def shutdown_kernel(  # type: ignore[override] # declared as if it were not awaited
        self, kernel_id: str, now: bool = False, restart: bool = False
    ) -> None:
        """Jupyter's; while it lasts the kernel is dead already and still known."""
        self._ending.add(kernel_id)
        try:
            await super().shutdown_kernel(kernel_id, now=now, restart=restart)
        finally:
            self._ending.discard(kernel_id)

    async def broke_down(self, kernel_id: str) -> bool:
        """Whether this kernel ended by itself."""
        if kernel_id in self.broken:
            return True
        if kernel_id not in self:
            return False
        kernel: Any = self.get_kernel(kernel_id)
        return not await kernel.is_alive() and kernel_id not in self._ending

    def _handle_kernel_died(self, kernel_id: str) -> None:
        self.broken.add(kernel_id)
        super()._handle_kernel_died(kernel_id)


class WidgetsAlone(ZMQChannelsWebsocketConnection):
    """The way from a kernel to a browser, for what widgets say and for nothing that was printed."""

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Passes on what is not to be kept here."""
        _, parts = self.session.feed_identities(outgoing_msg)
        if self.session.unpack(parts[1])["msg_type"] not in UNTOLD:
            super().handle_outgoing_message(stream, outgoing_msg)


class Places:
    """How many pages may be open: kernels, less those that wait for a visitor, plus visitors who have no kernel yet."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.on_threshold = 0

    def all_taken(self, kernels: Any, notebook: str) -> bool:
        """Whether the next visitor has to come back later."""
        pool = getattr(kernels, "_pools", {}).get(notebook, ())
        waiting = sum(task.done() and not task.cancelled() and task.exception() is None for task in pool)
        return len(kernels.list_kernel_ids()) - waiting + self.on_threshold >= self.most
