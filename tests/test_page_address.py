from csnviz.page_address import query


def test_outside_voila_a_page_has_no_address_even_if_a_query_is_in_the_environment():
    assert query({"QUERY_STRING": "frame=disfa/SN001"}) == {}


def test_in_voila_the_address_says_what_it_says_and_nothing_of_the_server_s_own():
    asked = "frame=disfa/SN001/left/0047&token=secret&theme=dark&case=a+b%26c&empty="
    found = query({"VOILA_PREHEAT": "False", "QUERY_STRING": asked})
    assert found == {"frame": "disfa/SN001/left/0047", "case": "a b&c", "empty": ""}


def test_the_last_word_counts_where_a_name_is_said_twice():
    assert query({"VOILA_PREHEAT": "False", "QUERY_STRING": "au=4&au=12"}) == {"au": "12"}


def test_a_kernel_made_ready_before_waits_once_for_its_visitor(monkeypatch):
    waits = []

    def somebody_comes():
        waits.append(1)
        monkeypatch.setenv("QUERY_STRING", "au=12")

    monkeypatch.delenv("QUERY_STRING", raising=False)
    monkeypatch.setattr("voila.utils.wait_for_request", somebody_comes)
    for _ in range(2):
        assert query({"VOILA_PREHEAT": "True"}) == {"au": "12"}
    assert waits == [1]
