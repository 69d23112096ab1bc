"""nbgrader's settings beyond one machine: the exchange is a service, ngshare."""

from ngshare_exchange import configureExchange

c = get_config()  # noqa: F821
configureExchange(c)
