"""Page base: shell, components, formats, error pages, health, language."""
