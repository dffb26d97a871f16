"""``warmline site-key``: the key with which a site of yours signs who its customers are."""

from __future__ import annotations

import sys

import click

from warmline.bridge.tickets import site_key
from warmline.cli.project import open_project
from warmline.settings import load_secrets


@click.command("site-key")
def command() -> None:
    """Print the key with which your site's server signs who a customer is (docs/extending.md). It is a secret."""
    key = site_key(load_secrets(open_project()).ticket_key)
    if sys.stdout.isatty():
        click.echo("Keep it on your site's server: whoever has it can speak for every customer.", err=True)
    click.echo(key)
