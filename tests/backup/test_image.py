"""The container image brings what `backup` calls: client programs that are as new as the server beside it."""

import re

from tests.embedded.support import ROOT


def test_the_image_has_client_programs_of_the_servers_version() -> None:
    server = re.search(r"image: postgres:(\d+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    client = re.search(r"install\b.* postgresql-client-(\d+)", image)
    assert server and client
    assert client[1] == server[1]
    assert image.index("postgresql-client") < image.index("USER perfmgmt"), "packages are installed by root"
