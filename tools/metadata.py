"""Build hook: the wheel's dependencies are the pins of requirements.txt, as lower bounds."""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RequirementsHook(MetadataHookInterface):
    """Reads the runtime part of requirements.txt."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in `dependencies`."""
        text = (Path(self.root) / "requirements.txt").read_text(encoding="utf-8")
        runtime = text.split("# --- tests and tools")[0].splitlines()
        pins = [line for line in runtime if line and not line.startswith("#")]
        metadata["dependencies"] = [pin.replace("==", ">=") for pin in pins]
