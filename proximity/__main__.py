# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""`python -m proximity`."""

from proximity.cli import main

if __name__ == "__main__":
    main()
