"""The language server: the proof in the editor, while you type (docs/editor.md)."""
